import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { startServer } from "../../../tests/support/server_process.ts";
import type { Absent, Contender } from "../contender.ts";
import { isFile } from "../installed.ts";
import { root, testModules } from "../../places.ts";

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
      const home = join(root, "dist/codex-home");
      Deno.mkdirSync(home, { recursive: true });
      const server = await startServer({ command, env: { ...Deno.env.toObject(), CODEX_HOME: home } });
      return { target: { kind: "server", url: server.url, pid: server.pid }, stop: () => server.stop() };
    },
  };
}

function findProgram(): string | undefined {
  const { os, arch } = Deno.build;
  const { resolve } = createRequire(join(testModules, "@openai/codex/package.json"));
  try {
    const platform = `@openai/codex-${os}-${arch === "x86_64" ? "x64" : "arm64"}`;
    const vendor = join(dirname(resolve(`${platform}/package.json`)), "vendor");
    return [...Deno.readDirSync(vendor)].map(({ name }) => join(vendor, name, "bin/codex")).find(isFile);
  } catch {
    return undefined;
  }
}
