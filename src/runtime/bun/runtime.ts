import type { Runtime } from "../../cli/runtime.ts";
import { bun } from "./bun.ts";
import { sharedLibc } from "./native.ts";
import { openNotifier } from "./notifier.ts";
import { httpRuntime } from "./listen.ts";
import { ownEnvironment } from "../node/own_environment.ts";
import { spawner } from "./spawner.ts";
import { askForThreads } from "./threads.ts";
import { writeStandard } from "./write_standard.ts";

/** This program on Bun. */
export const runtime: Runtime = {
  name: "bun",
  version: bun().version,
  spawner,
  ownEnvironment,
  openNotifier,
  http: httpRuntime,
  writeStandard,
  askForThreads,
  descriptors: sharedLibc.descriptors,
  releaseMemory: () => bun().gc(true),
};
