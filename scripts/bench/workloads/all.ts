import type { Workload } from "../workload.ts";
import { files } from "./files.ts";
import { growthOfConnections, growthOfProcesses } from "./growth.ts";
import { memory } from "./memory.ts";
import { bulkOutput, shortLines, stdinUpload, terminalOutput } from "./output.ts";
import { processorTime } from "./processor_time.ts";
import { fiftyAtOnce, fiveHundredAtOnce, start } from "./processes.ts";
import { resume, roundTrip } from "./session.ts";
import { startUp } from "./start_up.ts";

/** Every workload, in the order of the table. */
export const workloads: readonly Workload[] = [
  start,
  roundTrip,
  bulkOutput,
  shortLines,
  terminalOutput,
  stdinUpload,
  processorTime,
  fiftyAtOnce,
  fiveHundredAtOnce,
  files,
  resume,
  startUp,
  memory,
  growthOfProcesses,
  growthOfConnections,
];
