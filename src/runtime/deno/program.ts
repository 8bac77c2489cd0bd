import type { ProgramHost } from "../../cli/program_host.ts";
import { denoHost } from "./host.ts";
import { httpRuntime } from "./listen.ts";
import { releaseMemory } from "./release_memory.ts";
import { writeStandard } from "./write_standard.ts";

/** This program on Deno. */
export const host: ProgramHost = {
  ...denoHost,
  name: "deno",
  version: Deno.version.deno,
  http: httpRuntime,
  writeStandard,
  releaseMemory,
};
