import { LIMITED_MEMORY_LEAST_BYTES } from "../limits.ts";
import type { ProcessLimits } from "../host/process_limits.ts";
import { parseCount } from "./count.ts";
import { parseDuration } from "./duration.ts";
import { parseSize } from "./size.ts";
import { UsageError } from "./usage_error.ts";

const group = "What it may use";

/** What one command may use. */
export const limitFlags = {
  "memory": {
    value: "SIZE",
    group,
    help: "Memory of everything in it together, such as 512m or 2g: what needs more is killed",
  },
  "cpus": {
    value: "SECONDS",
    group,
    help: "Processor time of each of its processes, and where they can be counted of all together",
  },
  "pids": { value: "N", group, help: "Processes and threads at once" },
} as const;

/** What every process of a server may use at most. */
export const ceilingFlags = {
  "max-memory": { value: "SIZE", help: "The most memory of each process and what it starts, such as 2g" },
  "max-cpus": { value: "SECONDS", help: "The most processor time of each process" },
  "max-pids": { value: "N", help: "The most processes and threads at once of each process" },
  "max-open-files": { value: "N", help: "The most descriptors of each process" },
  "max-file-size": { value: "SIZE", help: "The most bytes of each file that a process writes, such as 10g" },
  "max-time": { value: "DURATION", help: "The longest that a process may run, such as 1h" },
} as const;

type Given<Flags> = { readonly [Name in keyof Flags]: string | undefined };

/** @throws {UsageError} for what is no such number */
export function limitsOf(given: Given<typeof limitFlags>): ProcessLimits | undefined {
  return some({
    memoryBytes: memory("memory", given.memory),
    cpuSeconds: count("cpus", given.cpus),
    processes: count("pids", given.pids),
  });
}

/** @throws {UsageError} for what is no such number */
export function ceilingsOf(given: Given<typeof ceilingFlags>): ProcessLimits | undefined {
  const { "max-file-size": fileSize, "max-time": time } = given;
  return some({
    memoryBytes: memory("max-memory", given["max-memory"]),
    cpuSeconds: count("max-cpus", given["max-cpus"]),
    processes: count("max-pids", given["max-pids"]),
    openFiles: count("max-open-files", given["max-open-files"]),
    fileBytes: fileSize === undefined ? undefined : parseSize("max-file-size", fileSize),
    wallMs: time === undefined ? undefined : Math.ceil(parseDuration("max-time", time)),
  });
}

function memory(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bytes = parseSize(flag, text);
  if (bytes >= LIMITED_MEMORY_LEAST_BYTES) return bytes;
  throw new UsageError(`--${flag} takes at least 1m: no program begins with less`);
}

function count(flag: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseCount(flag, text);
}

function some(limits: ProcessLimits): ProcessLimits | undefined {
  return Object.values(limits).some((value) => value !== undefined) ? limits : undefined;
}
