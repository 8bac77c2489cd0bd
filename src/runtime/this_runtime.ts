import type { MachineRuntime } from "../backend/machine_runtime.ts";
import { spawnPipes as spawnBunPipes } from "./bun/pipes.ts";
import { spawnTerminal as spawnBunTerminal } from "./bun/pty.ts";
import { openByteCalls as openDenoByteCalls } from "./deno/byte_calls.ts";
import { spawnPipes as spawnDenoPipes } from "./deno/pipes.ts";
import { posix } from "./deno/posix.ts";
import { nodeSpawner } from "./node/spawner.ts";

/**
 * Whatever runtime this is. For programs that import this project as a library; the command line has its own choice in
 * `main.ts`, which loads nothing of the other runtimes.
 */
export const thisRuntime: MachineRuntime = "Bun" in globalThis
  ? { spawner: { spawnPipes: spawnBunPipes, spawnTerminal: spawnBunTerminal } }
  : "Deno" in globalThis
  ? {
    spawner: { spawnPipes: spawnDenoPipes, spawnTerminal: posix.spawnTerminal },
    openByteCalls: openDenoByteCalls,
  }
  : { spawner: nodeSpawner };
