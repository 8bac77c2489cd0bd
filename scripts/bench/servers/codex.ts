import process from "node:process";
import { startServer } from "../../../tests/support/server_process.ts";
import type { Absent, Contender } from "../contender.ts";
import { isFile } from "../installed.ts";

/** `codex exec-server`, from npm; its program is started without the launcher around it. */
export function codex(name: string): Contender | Absent {
  const program = findProgram();
  if (!program) return { name, reason: "The npm package @openai/codex has no program for this platform" };
  const command = [program, "exec-server", "--listen", "ws://127.0.0.1:0"];
  return {
    name,
    kind: "server",
    async start() {
      // Its helpers refuse a home below the system's temporary folder.
      const home = `${process.cwd()}/dist/codex-home`;
      Deno.mkdirSync(home, { recursive: true });
      const server = await startServer({ command, env: { ...Deno.env.toObject(), CODEX_HOME: home } });
      return { target: { kind: "server", url: server.url, pid: server.pid }, stop: () => server.stop() };
    },
  };
}

function findProgram(): string | undefined {
  const { os, arch } = Deno.build;
  const vendor = `node_modules/@openai/codex-${os}-${arch === "x86_64" ? "x64" : "arm64"}/vendor`;
  try {
    return [...Deno.readDirSync(vendor)].map(({ name }) => `${process.cwd()}/${vendor}/${name}/bin/codex`)
      .find(isFile);
  } catch {
    return undefined;
  }
}
