import type { Runtime } from "../../cli/runtime.ts";
import { openByteCalls } from "./byte_calls.ts";
import { httpRuntime } from "./listen.ts";
import { spawnPipes } from "./pipes.ts";
import { posix } from "./posix.ts";
import { releaseMemory } from "./release_memory.ts";
import { writeStandard } from "./write_standard.ts";

/** This program on Deno. */
export const runtime: Runtime = {
  name: "deno",
  version: Deno.version.deno,
  spawner: { spawnPipes, spawnTerminal: posix.spawnTerminal },
  http: httpRuntime,
  writeStandard,
  openByteCalls,
  releaseMemory,
};
