/** Gets limits ready for a child that is to be started. */
import {
  type HeldLimits,
  limitNames,
  type ProcessLimits,
  UnenforceableLimitError,
} from "../../../host/process_limits.ts";
import { cString } from "../../posix/c_strings.ts";
import type { Libc } from "../../posix/libc.ts";
import type { PassedDescriptor } from "../../posix/posix_spawn.ts";
import { systemError } from "../../posix/system_error.ts";
import { failureText } from "../sandbox/failure_text.ts";
import { firstHighNumber, keepApart } from "../sandbox/memory_file.ts";
import type { CallFailure } from "../runner/call_list.ts";
import type { ControlGroups, Enforcer, GroupLimit } from "./control_groups.ts";
import { GroupLimits } from "./held_limits.ts";
import { joining, type LimitSteps, setting } from "./limit_steps.ts";
import { resourceLimits } from "./resource_limits.ts";

const O_WRONLY = 1;

const groupsHelp =
  "start the server as root, or in a group of its own: systemd-run --user --scope -p Delegate=yes exec-server serve";

/** Limits that are ready; to be disposed of once the child has them, or is not started. */
export interface ReadyLimits extends Disposable {
  readonly steps: LimitSteps;
  /** What the runner needs. */
  readonly passed: readonly PassedDescriptor[];
  readonly held: HeldLimits;
  /** Words the failure of one of the steps; undefined for any other. */
  explain(failure: CallFailure): Error | undefined;
}

/**
 * @param beforeGroups called before the first group is made, which somebody has to remove whatever way this program ends
 * @throws {UnenforceableLimitError} for a limit that cannot be kept; nothing is left behind
 */
export function readyLimits(
  libc: Libc,
  groups: ControlGroups,
  asked: ProcessLimits,
  beforeGroups: () => void,
): ReadyLimits {
  const enforcers = new Map<GroupLimit, Enforcer>();
  for (const limit of ["processes", "memoryBytes", "cpuSeconds"] as const) {
    if (asked[limit] === undefined) continue;
    const enforcer = groups.enforcer(limit);
    if (enforcer) enforcers.set(limit, enforcer);
    // Where nobody counts it for all together, the kernel does so for each.
    else if (limit !== "cpuSeconds") throw noGroups(limit, "it may make no control groups");
  }
  if (enforcers.size > 0) beforeGroups();
  const join: number[] = [];
  const close = () => join.splice(0).forEach((descriptor) => libc.c.close(descriptor));
  const made = makeGroups(groups, asked, enforcers);
  const held = new GroupLimits(asked, made, enforcers);
  try {
    for (const group of made) join.push(openMembers(libc, group));
  } catch (error) {
    close();
    held.release();
    throw noGroups(first(enforcers), `a control group cannot be joined: ${(error as Error).message}`);
  }
  return {
    steps: { join: [...join], resources: resourceLimits(libc, asked) },
    passed: join.map((descriptor) => ({ source: descriptor, number: descriptor })),
    held,
    explain(failure) {
      const reason = failureText(failure);
      if (failure.purpose === joining) return noGroups(first(enforcers), reason);
      if (failure.purpose !== setting) return undefined;
      const limit = limitNames.find((name) => asked[name] !== undefined)!;
      return new UnenforceableLimitError(limit, { reason, remedy: "ask for less of it" });
    },
    [Symbol.dispose]: close,
  };
}

/** @throws {UnenforceableLimitError} where they cannot be had */
function makeGroups(
  groups: ControlGroups,
  asked: ProcessLimits,
  enforcers: Map<GroupLimit, Enforcer>,
): string[] {
  if (enforcers.size === 0) return [];
  try {
    return groups.make(asked, enforcers);
  } catch (error) {
    throw noGroups(first(enforcers), (error as Error).message);
  }
}

function noGroups(limit: GroupLimit, reason: string): UnenforceableLimitError {
  return new UnenforceableLimitError(limit, { reason, remedy: groupsHelp });
}

function first(enforcers: ReadonlyMap<GroupLimit, Enforcer>): GroupLimit {
  return [...enforcers.keys()][0]!;
}

/** @throws {Error} with `code` */
function openMembers(libc: Libc, group: string): number {
  const { c, platform, errno } = libc;
  const descriptor = c.open(cString(`${group}/cgroup.procs`), O_WRONLY | platform.O_CLOEXEC);
  if (descriptor < 0) throw systemError("open", errno());
  return keepApart(libc, descriptor, firstHighNumber);
}
