import process from "node:process";
import type { ProgramHost } from "../../cli/program_host.ts";
import { nodeHost } from "./host.ts";
import { nodeHttp } from "./listen.ts";
import { askForThreads } from "./threads.ts";
import { writeStandard } from "./write_standard.ts";

/** This program on Node. */
export const host: ProgramHost = {
  ...nodeHost,
  name: "node",
  version: process.versions.node,
  http: nodeHttp(),
  writeStandard,
  askForThreads,
};
