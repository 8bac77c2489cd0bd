/** Limits that the kernel keeps for each process of its own: `setrlimit(2)`. */
import type { LimitName, ProcessLimits } from "../../../host/process_limits.ts";
import type { Libc } from "../../posix/libc.ts";

/** One that the runner sets. */
export interface ResourceLimit {
  readonly limit: LimitName;
  readonly resource: number;
  /** Where it is told. */
  readonly soft: bigint;
  /** Where it is enforced. */
  readonly hard: bigint;
}

const resources = { cpuSeconds: 0, fileBytes: 1, openFiles: 7 } as const;

/** Limits that are enforced so. */
export type ResourceLimitName = keyof typeof resources;

export const resourceLimitNames = Object.keys(resources) as ResourceLimitName[];

/** What to set for limits. Nobody may raise what this program has itself, nor needs to: that is less than was asked for. */
export function resourceLimits({ c }: Libc, limits: ProcessLimits): ResourceLimit[] {
  return resourceLimitNames.flatMap((limit) => {
    const value = limits[limit];
    if (value === undefined) return [];
    const resource = resources[limit];
    const now = new BigUint64Array(2);
    c.getrlimit(resource, new Uint8Array(now.buffer));
    const capped = (wanted: bigint) => wanted < now[1]! ? wanted : now[1]!;
    // Whoever ignores the signal that comes at the soft limit is killed at the hard one.
    const more = limit === "cpuSeconds" ? 1n : 0n;
    return [{ limit, resource, soft: capped(BigInt(value)), hard: capped(BigInt(value) + more) }];
  });
}
