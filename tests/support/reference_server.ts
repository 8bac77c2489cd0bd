/** The server whose behaviour is the specification: that of the Codex CLI, the npm package `@openai/codex`. */
import { mkdirSync } from "node:fs";
import { testModules } from "../../scripts/places.ts";
import type { ServerOptions } from "./server_process.ts";

/** The Codex CLI as installed for development. */
export const codexProgram = `${testModules}/.bin/codex`;

/** How to start it on a free port, with a home of its own: its sandbox works only with one outside of `/tmp`. */
export function referenceServer(flags: readonly string[] = []): ServerOptions {
  const home = `${testModules}/.codex-home`;
  mkdirSync(home, { recursive: true });
  return {
    command: [codexProgram, "exec-server", "--listen", "ws://127.0.0.1:0", ...flags],
    env: { ...Deno.env.toObject(), CODEX_HOME: home },
  };
}
