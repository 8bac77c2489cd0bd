import type { ProcessSpawner } from "../../host/child_process.ts";
import { nodeSpawner } from "../node/spawner.ts";
import { posixSpawner } from "../posix/spawner.ts";
import { openNative } from "./native.ts";

/**
 * Starts programs on Bun: through the C library, where the system is known.
 *
 * `Bun.spawn` is not used. Behind pipes it reads whatever little is there the moment it comes, and each child's output
 * would be many small chunks. On a terminal it reads whether or not anybody asks and takes any number of bytes to write,
 * with no way to stop the one or to learn of the other: a program that floods a slow reader would fill the memory.
 */
export const spawner: ProcessSpawner = posixSpawner(openNative, nodeSpawner.spawnPipes);
