import { readFileSync } from "node:fs";
import type { CallList } from "../../runner/call_list.ts";

const PR_CAPBSET_DROP = 24;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;
const _LINUX_CAPABILITY_VERSION_3 = 0x20080522;
/** Of the kernels that this program was written for. */
const lastKnown = 40;

/** Has the runner, which has all of them, give up every capability, for itself and for whatever it runs. */
export function dropCapabilities(list: CallList, last: number): void {
  list.to("drop capabilities");
  for (let capability = 0; capability <= last; capability++) {
    list.call("prctl", PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  dropOwnCapabilities(list);
}

/** The same for a runner that may have few or none. What it runs gets none where it may get no new rights. */
export function dropOwnCapabilities(list: CallList): void {
  list.to("drop capabilities").call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  list.call("capset", list.words(_LINUX_CAPABILITY_VERSION_3), list.words(0, 0, 0));
}

/** The number of this kernel's last capability. */
export function lastCapability(): number {
  try {
    return Number(readFileSync("/proc/sys/kernel/cap_last_cap", "utf8"));
  } catch {
    return lastKnown;
  }
}
