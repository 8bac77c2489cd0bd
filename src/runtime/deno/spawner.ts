import type { ProcessSpawner } from "../../host/child_process.ts";
import { posixSpawner } from "../posix/spawner.ts";
import { openNative } from "./native.ts";
import { spawnPipes } from "./pipes.ts";

/**
 * Starts programs on Deno: through the C library, where it can be called, which takes `--allow-ffi` and a known system.
 * `Deno.Command` forks a process with a session of its own, which takes several times as long, and knows no argv[0].
 */
export const spawner: ProcessSpawner = posixSpawner(openNative, spawnPipes);
