import type { ProgramHost } from "../../cli/program_host.ts";
import { bun } from "./bun.ts";
import { bunHost } from "./host.ts";
import { httpRuntime } from "./listen.ts";
import { askForThreads } from "./threads.ts";
import { writeStandard } from "./write_standard.ts";

/** This program on Bun. */
export const host: ProgramHost = {
  ...bunHost,
  name: "bun",
  version: bun().version,
  http: httpRuntime,
  writeStandard,
  askForThreads,
};
