import type { Runtime } from "../../cli/runtime.ts";
import { openByteCalls } from "./byte_calls.ts";
import { sharedLibc } from "./native.ts";
import { openNotifier } from "./notifier.ts";
import { httpRuntime } from "./listen.ts";
import { releaseMemory } from "./release_memory.ts";
import { ownEnvironment } from "./own_environment.ts";
import { spawner } from "./spawner.ts";
import { writeStandard } from "./write_standard.ts";

/** This program on Deno. */
export const runtime: Runtime = {
  name: "deno",
  version: Deno.version.deno,
  spawner,
  ownEnvironment,
  openNotifier,
  http: httpRuntime,
  writeStandard,
  descriptors: sharedLibc.descriptors,
  openByteCalls,
  releaseMemory,
};
