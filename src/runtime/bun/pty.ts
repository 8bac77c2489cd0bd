import type { ProcessSpawner } from "../../process/child_process.ts";
import { openLibc } from "../posix/libc.ts";
import { posixSpawner } from "../posix/spawner.ts";
import { openLibrary } from "./libc.ts";

/**
 * Starts a program on a terminal of its own. The C library is opened by the first call.
 *
 * `Bun.spawn({ terminal })` is not used: it reads whether or not anybody asks and takes any number of bytes to write,
 * with no way to stop the one or to learn of the other. A program that floods a slow reader would fill the memory.
 *
 * @throws {Error} with the operating system's `code` when the start fails
 * @throws {Error} that says why, where this platform allows no terminals
 */
export const { spawnTerminal }: Pick<ProcessSpawner, "spawnTerminal"> = posixSpawner(() =>
  openLibc(openLibrary)
);
