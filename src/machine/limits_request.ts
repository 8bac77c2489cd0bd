import type { ProcessLimits } from "../host/process_limits.ts";
import { refuseUnknownOptions } from "../client/known_options.ts";
import { LIMITED_MEMORY_LEAST_BYTES } from "../limits.ts";

/** What a process may use, `memoryBytes` at least 1 MiB. What is absent is not limited. */
export type LimitsRequest = ProcessLimits;

const least: Readonly<Record<keyof LimitsRequest, number>> = {
  memoryBytes: LIMITED_MEMORY_LEAST_BYTES,
  cpuSeconds: 1,
  processes: 1,
  openFiles: 1,
  fileBytes: 1,
  wallMs: 1,
};

/**
 * Refuses what only a program without types can ask for.
 *
 * @throws {TypeError} for a member that means nothing, and for a value that is no such number
 */
export function checkLimits(limits: LimitsRequest): void {
  refuseUnknownOptions("start limits", limits, least);
  for (const [name, value] of Object.entries(limits)) {
    if (value === undefined) continue;
    const atLeast = least[name as keyof LimitsRequest];
    if (Number.isSafeInteger(value) && value >= atLeast) continue;
    throw new TypeError(
      `limits.${name} must be a whole number of at least ${atLeast}, not ${JSON.stringify(value)}`,
    );
  }
}
