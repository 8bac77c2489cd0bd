/** The servers that are compared: this program on each runtime, and the rivals that are installed. */
import process from "node:process";
import { version } from "../../src/version.ts";
import { type ServerProcess, startServer } from "../../tests/support/server_process.ts";
import { hostTarget } from "../targets.ts";

/** A server that can be started. */
export interface Contender {
  readonly name: string;
  /** The program and the arguments before its own command. */
  readonly command: readonly string[];
  start(): Promise<ServerProcess>;
}

const root = process.cwd();

/** Every contender that is there, the rival last. */
export function contenders(): Contender[] {
  const bun = `${root}/node_modules/bun/bin/bun.exe`;
  const binary = `${root}/dist/exec-server-${version}-${hostTarget()}-bun`;
  const ours = (name: string, command: string[]): Contender => ({
    name,
    command,
    start: () => startServer({ command: [...command, "serve", "--log-level", "off"] }),
  });
  return [
    ours("deno", [Deno.execPath(), "run", "-A", "--quiet", `${root}/main.ts`]),
    ours("bun", [bun, "run", `${root}/main.ts`]),
    ...exists(binary) ? [ours("binary", [binary])] : [],
    ...rival(),
  ];
}

/** The name of the contender that ratios are taken to. */
export const rivalName = "codex";

function rival(): Contender[] {
  const vendor = `${root}/node_modules/@openai/codex-linux-x64/vendor`;
  const program = exists(vendor)
    ? [...Deno.readDirSync(vendor)].map(({ name }) => `${vendor}/${name}/bin/codex`).find(exists)
    : undefined;
  if (!program) return [];
  const command = [program, "exec-server", "--listen", "ws://127.0.0.1:0"];
  // Its helpers refuse a home below the system's temporary folder.
  const home = `${root}/dist/codex-home`;
  Deno.mkdirSync(home, { recursive: true });
  const env = { ...Deno.env.toObject(), CODEX_HOME: home };
  return [{ name: rivalName, command, start: () => startServer({ command, env }) }];
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
