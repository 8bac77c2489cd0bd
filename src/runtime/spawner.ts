import type { ProcessSpawner } from "../process/child_process.ts";
import { spawnPipes as spawnBunPipes } from "./bun/pipes.ts";
import { spawnTerminal as spawnBunTerminal } from "./bun/pty.ts";
import { spawnPipes as spawnDenoPipes } from "./deno/pipes.ts";
import { spawnTerminal as spawnDenoTerminal } from "./deno/pty.ts";
import { nodeSpawner } from "./node/spawner.ts";

/**
 * Starts children on whatever runtime this is. For programs that import this project as a library; the command line
 * has its own choice in `main.ts`, which loads nothing of the other runtimes.
 */
export const spawner: ProcessSpawner = "Bun" in globalThis
  ? { spawnPipes: spawnBunPipes, spawnTerminal: spawnBunTerminal }
  : "Deno" in globalThis
  ? { spawnPipes: spawnDenoPipes, spawnTerminal: spawnDenoTerminal }
  : nodeSpawner;
