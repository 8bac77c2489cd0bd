import type { Runtime } from "../../cli/runtime.ts";
import { bun } from "./bun.ts";
import { httpRuntime } from "./listen.ts";
import { spawnPipes } from "./pipes.ts";
import { spawnTerminal } from "./pty.ts";
import { writeStandard } from "./write_standard.ts";

/** This program on Bun. */
export const runtime: Runtime = {
  name: "bun",
  version: bun().version,
  spawner: { spawnPipes, spawnTerminal },
  http: httpRuntime,
  writeStandard,
  releaseMemory: () => bun().gc(true),
};
