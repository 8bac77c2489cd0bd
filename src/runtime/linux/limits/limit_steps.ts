/** What the runner does for limits before the program runs. */
import type { CallList } from "../runner/call_list.ts";
import type { ResourceLimit } from "./resource_limits.ts";

/** What the steps are for. */
export const [joining, setting] = ["join a control group", "set a limit"] as const;

/** What is to be done. */
export interface LimitSteps {
  /** Open `cgroup.procs` of the groups to join. Whoever joins needs no right of its own: who opened it had it. */
  readonly join: readonly number[];
  readonly resources: readonly ResourceLimit[];
}

/** Joins groups, before descriptors are closed. */
export function addJoins(list: CallList, { join }: LimitSteps): void {
  list.to(joining);
  for (const descriptor of join) {
    // 0 stands for whoever writes it.
    list.call("write", descriptor, list.bytes(new TextEncoder().encode("0")), 1);
    list.attempt("close", descriptor);
  }
}

/** Sets the limits of the process itself, when nothing is left to be opened. */
export function addResourceLimits(list: CallList, { resources }: LimitSteps): void {
  list.to(setting);
  for (const { resource, soft, hard } of resources) {
    list.call("prlimit64", 0, resource, list.words(soft, hard), 0);
  }
}
