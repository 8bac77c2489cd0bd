import type { MachineRuntime } from "../machine/machine_runtime.ts";
import { openNotifier as openBunNotifier } from "./bun/notifier.ts";
import { spawner as bunSpawner } from "./bun/spawner.ts";
import { openByteCalls as openDenoByteCalls } from "./deno/byte_calls.ts";
import { openNotifier as openDenoNotifier } from "./deno/notifier.ts";
import { spawner as denoSpawner } from "./deno/spawner.ts";
import { ownEnvironment as denoEnvironment } from "./deno/own_environment.ts";
import { ownEnvironment } from "./node/own_environment.ts";
import { nodeSpawner } from "./node/spawner.ts";

/**
 * Whatever runtime this is. For programs that import this project as a library; the command line has its own choice in
 * `main.ts`, which loads nothing of the other runtimes.
 */
export const thisRuntime: MachineRuntime = "Bun" in globalThis
  ? { spawner: bunSpawner, ownEnvironment, openNotifier: openBunNotifier }
  : "Deno" in globalThis
  ? {
    spawner: denoSpawner,
    ownEnvironment: denoEnvironment,
    openByteCalls: openDenoByteCalls,
    openNotifier: openDenoNotifier,
  }
  : { spawner: nodeSpawner, ownEnvironment };
