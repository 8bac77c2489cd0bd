import type { ChildProcess, TerminalSpawnRequest } from "../../process/child_process.ts";
import { openLibc } from "../posix/libc.ts";
import { terminalSpawner } from "../posix/spawn_terminal.ts";
import { openLibrary } from "./libc.ts";

/**
 * Starts a program on a terminal of its own. Needs `--allow-ffi`; the C library is opened by the first call.
 *
 * @throws {Error} with the operating system's `code` when the start fails
 * @throws {Error} that says why, where this platform or these permissions allow no terminals
 */
export const spawnTerminal: (request: TerminalSpawnRequest) => ChildProcess = terminalSpawner(() =>
  openLibc(openLibrary)
);
