import type { ByteCalls } from "../file_system/byte_calls.ts";
import type { ProcessSpawner } from "../process/child_process.ts";
import { spawnPipes as spawnBunPipes } from "./bun/pipes.ts";
import { spawnTerminal as spawnBunTerminal } from "./bun/pty.ts";
import { openByteCalls as openDenoByteCalls } from "./deno/byte_calls.ts";
import { spawnPipes as spawnDenoPipes } from "./deno/pipes.ts";
import { posix } from "./deno/posix.ts";
import { nodeSpawner } from "./node/spawner.ts";

/** What processes and files of this machine need of the runtime. */
export interface ThisRuntime {
  readonly spawner: ProcessSpawner;
  /** Opens the calls for file names that are not text, where the runtime's own file calls cannot take them. */
  readonly openByteCalls?: () => ByteCalls | undefined;
}

/**
 * Whatever runtime this is. For programs that import this project as a library; the command line has its own choice in
 * `main.ts`, which loads nothing of the other runtimes.
 */
export const thisRuntime: ThisRuntime = "Bun" in globalThis
  ? { spawner: { spawnPipes: spawnBunPipes, spawnTerminal: spawnBunTerminal } }
  : "Deno" in globalThis
  ? {
    spawner: { spawnPipes: spawnDenoPipes, spawnTerminal: posix.spawnTerminal },
    openByteCalls: openDenoByteCalls,
  }
  : { spawner: nodeSpawner };
