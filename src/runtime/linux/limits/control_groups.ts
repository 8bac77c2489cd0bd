/** The control groups that this program makes. */
import { pid } from "node:process";
import type { LimitName, ProcessLimits } from "../../../host/process_limits.ts";
import {
  makeGroup,
  readNumber,
  readWords,
  removeGroup,
  tryWriteGroupFile,
  writeGroupFile,
} from "./group_files.ts";
import type { Controller, GroupPlaces } from "./group_places.ts";

/** Limits that groups enforce. */
export type GroupLimit = Extract<LimitName, "memoryBytes" | "processes" | "cpuSeconds">;

/** How a hierarchy enforces a limit. */
export interface Enforcer {
  /** 1 or 2. */
  readonly version: number;
  /** The directory that the groups of processes lie in. */
  readonly tree: string;
  /** What is written to which file of a group; the others may not be there. */
  readonly files: readonly { readonly name: string; readonly mustBe: boolean }[];
  /** The file that counts breaches, and what stands before the number. */
  readonly breaches?: { readonly file: string; readonly name: string };
  /** Seconds of processor time that have been used. */
  readonly seconds?: (group: string) => number | undefined;
}

const controllerOf: Record<GroupLimit, Controller> = {
  memoryBytes: "memory",
  processes: "pids",
  cpuSeconds: "cpuacct",
};

/** Those that limits take, in the one hierarchy of version 2. */
const groupControllers = ["memory", "pids"];

/** The most that is written: more than any machine has, and what each file takes. */
const mostOf: Partial<Record<GroupLimit, number>> = { processes: 2 ** 22 };

type HowEnforced = Omit<Enforcer, "version" | "tree">;

const processes: HowEnforced = {
  files: [{ name: "pids.max", mustBe: true }],
  breaches: { file: "pids.events", name: "max" },
};

const separately: Record<GroupLimit, HowEnforced> = {
  memoryBytes: {
    files: [
      { name: "memory.limit_in_bytes", mustBe: true },
      { name: "memory.memsw.limit_in_bytes", mustBe: false },
    ],
    breaches: { file: "memory.oom_control", name: "oom_kill" },
  },
  processes,
  cpuSeconds: {
    files: [],
    seconds: (group) => scaled(readNumber(group, "cpuacct.usage"), 1e9),
  },
};

const unified: Record<GroupLimit, HowEnforced> = {
  memoryBytes: {
    files: [{ name: "memory.max", mustBe: true }],
    breaches: { file: "memory.events", name: "oom_kill" },
  },
  processes,
  // Counted in every group, whatever controllers there are.
  cpuSeconds: {
    files: [],
    seconds: (group) => scaled(readNumber(group, "cpu.stat", "usage_usec"), 1e6),
  },
};

/** Groups of processes that this program has made. */
let count = 0;

/** Finds out where groups can be made, at the first call, and makes them. */
export class ControlGroups {
  readonly #name = `exec-server-${pid}`;
  readonly #find: () => GroupPlaces;
  #places: GroupPlaces | undefined;

  /** @param find tells where groups may be made */
  constructor(find: () => GroupPlaces) {
    this.#find = find;
  }

  /** The directories that whatever is made lies in, of which any may be missing. */
  get trees(): string[] {
    const { unified, separate } = this.#found;
    return [...new Set([unified, ...separate.values()].filter((place) => place !== undefined))]
      .map((place) => `${place}/${this.#name}`);
  }

  /** The group that the watchdog goes into where that lets groups have controllers; undefined where it does not. */
  get watchdogGroup(): string | undefined {
    const { unified: place } = this.#found;
    return place === undefined ? undefined : `${place}/${this.#name}-end`;
  }

  /**
   * Puts this program into a group below the one that it is in, so that whatever it starts is known by that.
   *
   * @param watchdog who ends that group, and stays outside of it
   * @returns what knows them; undefined where there is no group to be had
   */
  enter(watchdog: number): string | undefined {
    const { unified: place, separate } = this.#found;
    const pids = separate.get("pids");
    if (place !== undefined && this.#enterUnified(place, watchdog)) return "a control group, version 2";
    const isIn = pids !== undefined && tryEnter(`${pids}/${this.#name}`, 0);
    return isIn ? "a control group, version 1" : undefined;
  }

  #enterUnified(place: string, watchdog: number): boolean {
    const tree = `${place}/${this.#name}`;
    // Beside the groups of limited processes: one that gives controllers on has no processes itself.
    if (!tryEnter(`${tree}/main`, 0)) {
      removeGroup(tree);
      return false;
    }
    this.#giveOn(place, watchdog);
    return true;
  }

  /** A group gives controllers on to those below it once nobody is in it any more, but for the topmost one. */
  #giveOn(place: string, watchdog: number): void {
    const wanted = readWords(place, "cgroup.controllers").filter((name) => groupControllers.includes(name));
    const given = readWords(place, "cgroup.subtree_control");
    const words = wanted.filter((name) => !given.includes(name)).map((name) => `+${name}`).join(" ");
    if (words === "" || tryWriteGroupFile(place, "cgroup.subtree_control", words)) return;
    const own = this.watchdogGroup!;
    if (tryEnter(own, watchdog) && tryWriteGroupFile(place, "cgroup.subtree_control", words)) return;
    tryWriteGroupFile(place, "cgroup.procs", watchdog);
    removeGroup(own);
  }

  /** Who enforces a limit; undefined where nobody does. */
  enforcer(limit: GroupLimit): Enforcer | undefined {
    const { unified: place, separate } = this.#found;
    const controller = controllerOf[limit];
    const own = place && `${place}/${this.#name}`;
    if (own !== undefined && (limit === "cpuSeconds" || this.#isGivenOn(place!, controller))) {
      return { version: 2, tree: own, ...unified[limit] };
    }
    const other = separate.get(controller);
    return other === undefined
      ? undefined
      : { version: 1, tree: `${other}/${this.#name}`, ...separately[limit] };
  }

  /**
   * Makes the groups of one process, and sets its limits.
   *
   * @returns the groups with their enforcers; nothing is left behind by a failure
   * @throws {Error} the operating system's
   */
  make(limits: ProcessLimits, enforcers: ReadonlyMap<GroupLimit, Enforcer>): string[] {
    const name = String(++count);
    const groups = [...new Set([...enforcers.values()].map(({ tree }) => `${tree}/${name}`))];
    try {
      for (const group of groups) makeGroup(group);
      for (const [limit, { tree, files }] of enforcers) {
        const most = mostOf[limit] ?? Infinity;
        for (const file of files) set(`${tree}/${name}`, file, Math.min(limits[limit]!, most));
      }
      return groups;
    } catch (error) {
      for (const group of groups) removeGroup(group);
      throw error;
    }
  }

  get #found(): GroupPlaces {
    return this.#places ??= this.#find();
  }

  /** A group has the controllers that the one above it gives on. */
  #isGivenOn(place: string, controller: Controller): boolean {
    if (!readWords(place, "cgroup.controllers").includes(controller)) return false;
    const isGiven = (group: string) => readWords(group, "cgroup.subtree_control").includes(controller);
    if (!isGiven(place) && !tryWriteGroupFile(place, "cgroup.subtree_control", `+${controller}`)) {
      return false;
    }
    const tree = `${place}/${this.#name}`;
    try {
      makeGroup(tree);
    } catch {
      return false;
    }
    return isGiven(tree) || tryWriteGroupFile(tree, "cgroup.subtree_control", `+${controller}`);
  }
}

/** @param member its number, or 0 for this program */
function tryEnter(group: string, member: number): boolean {
  try {
    makeGroup(group);
    writeGroupFile(group, "cgroup.procs", member);
    return true;
  } catch {
    return false;
  }
}

/** @throws {Error} the operating system's, for a file that must be there */
function set(
  group: string,
  { name, mustBe }: Enforcer["files"][number],
  value: number,
): void {
  const isSet = tryWriteGroupFile(group, name, value);
  if (!isSet && mustBe) throw new Error(`${group}/${name} cannot be written`);
  // What may not be swapped out is what is limited.
  if (name === "memory.max") tryWriteGroupFile(group, "memory.swap.max", 0);
}

function scaled(count: number | undefined, perSecond: number): number | undefined {
  return count === undefined ? undefined : count / perSecond;
}
