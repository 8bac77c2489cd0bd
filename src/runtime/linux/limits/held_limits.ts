/** The limits of one child: made before it starts, and gone after it. */
import type { HeldLimits, LimitName, ProcessLimits } from "../../../host/process_limits.ts";
import { GROUP_REMOVAL_LOOK_MS } from "../../../limits.ts";
import { unref } from "../../../unref.ts";
import type { Enforcer, GroupLimit } from "./control_groups.ts";
import { killGroup, readNumber, removeGroup } from "./group_files.ts";

/** Groups that somebody was still in when they were to go: whoever left the session of its process runs on. */
const left = new Set<string>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Limits that groups keep, whatever the process sets for itself. */
export class GroupLimits implements HeldLimits {
  readonly asked: ProcessLimits;
  readonly #groups: readonly string[];
  readonly #enforcers: ReadonlyMap<GroupLimit, Enforcer>;

  constructor(
    asked: ProcessLimits,
    groups: readonly string[],
    enforcers: ReadonlyMap<GroupLimit, Enforcer>,
  ) {
    this.asked = asked;
    this.#groups = groups;
    this.#enforcers = enforcers;
  }

  cpuSeconds(): number | undefined {
    const enforcer = this.#enforcers.get("cpuSeconds");
    return enforcer?.seconds?.(this.#groupOf(enforcer));
  }

  breached(): LimitName[] {
    return [...this.#enforcers].filter(([, enforcer]) => {
      const { breaches } = enforcer;
      return breaches && (readNumber(this.#groupOf(enforcer), breaches.file, breaches.name) ?? 0) > 0;
    }).map(([limit]) => limit);
  }

  kill(): void {
    // One that counts births first: nothing is born any more while the others die.
    for (const group of this.#groups) killGroup(group);
  }

  release(): void {
    for (const group of this.#groups) if (!removeGroup(group)) left.add(group);
    if (left.size === 0 || timer) return;
    timer = setInterval(lookAgain, GROUP_REMOVAL_LOOK_MS);
    unref(timer);
  }

  #groupOf({ tree }: Enforcer): string {
    return this.#groups.find((group) => group.startsWith(`${tree}/`))!;
  }
}

function lookAgain(): void {
  for (const group of left) if (removeGroup(group)) left.delete(group);
  if (left.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}
