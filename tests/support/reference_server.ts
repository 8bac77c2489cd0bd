/** The server whose behaviour is the specification: that of the Codex CLI, the npm package `@openai/codex`. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServerOptions } from "./server_process.ts";

const modules = `${dirname(dirname(dirname(fileURLToPath(import.meta.url))))}/node_modules`;

/** The Codex CLI as installed for development. */
export const codexProgram = `${modules}/.bin/codex`;

/** How to start it on a free port, with a home of its own: its sandbox works only with one outside of `/tmp`. */
export function referenceServer(flags: readonly string[] = []): ServerOptions {
  const home = `${modules}/.codex-home`;
  mkdirSync(home, { recursive: true });
  return {
    command: [codexProgram, "exec-server", "--listen", "ws://127.0.0.1:0", ...flags],
    env: { ...Deno.env.toObject(), CODEX_HOME: home },
  };
}
