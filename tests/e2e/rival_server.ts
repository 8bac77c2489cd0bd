import { type ServerProcess, startServer } from "../support/server_process.ts";
import { codexProgram } from "./codex_cli.ts";

/** Starts the original, `codex exec-server`, on a free port. */
export function startRival(env: Record<string, string>): Promise<ServerProcess> {
  return startServer({ command: [codexProgram, "exec-server", "--listen", "ws://127.0.0.1:0"], env });
}
