import { refuseUnknownOptions } from "../client/known_options.ts";
import { LIMITED_MEMORY_LEAST_BYTES } from "../limits.ts";

/** What a process may use. What is absent is not limited. */
export interface LimitsRequest {
  /** Bytes of memory of everything in it together, at least 1 MiB: what needs more is killed. */
  readonly memoryBytes?: number | undefined;
  /** Seconds of processor time, of each of its processes; of all together too where its machine counts them. */
  readonly cpuSeconds?: number | undefined;
  /** Processes and threads at once, itself included. */
  readonly processes?: number | undefined;
  /** Descriptors of each of its processes. */
  readonly openFiles?: number | undefined;
  /** Bytes of each file that it writes. */
  readonly fileBytes?: number | undefined;
  /** Milliseconds from its start, after which it is terminated. */
  readonly wallMs?: number | undefined;
}

const least: Readonly<Record<keyof LimitsRequest, number>> = {
  memoryBytes: LIMITED_MEMORY_LEAST_BYTES,
  cpuSeconds: 1,
  processes: 1,
  openFiles: 1,
  fileBytes: 1,
  wallMs: 1,
};

const members = {
  memoryBytes: true,
  cpuSeconds: true,
  processes: true,
  openFiles: true,
  fileBytes: true,
  wallMs: true,
} as const;

/**
 * Refuses what only a program without types can ask for.
 *
 * @throws {TypeError} for a member that means nothing, and for a value that is no such number
 */
export function checkLimits(limits: LimitsRequest): void {
  refuseUnknownOptions("start limits", limits, members);
  for (const [name, value] of Object.entries(limits)) {
    if (value === undefined) continue;
    const atLeast = least[name as keyof LimitsRequest];
    if (Number.isSafeInteger(value) && value >= atLeast) continue;
    throw new TypeError(
      `limits.${name} must be a whole number of at least ${atLeast}, not ${JSON.stringify(value)}`,
    );
  }
}
