/** What the runner does between the sandbox and the program. */
import { constants } from "node:os";
import type { FilterName } from "../../../host/confinement.ts";
import type { SpawnRequest } from "../../../host/child_process.ts";
import { addJoins, addResourceLimits, type LimitSteps } from "../limits/limit_steps.ts";
import { addNotifications, type NotifiedCalls } from "../notify/notify_steps.ts";
import { CallList } from "../runner/call_list.ts";
import { listDescriptor } from "../runner/layout.ts";
import type { Processor } from "../runner/system_calls.ts";
import { GivenDescriptors } from "./given_descriptors.ts";
import { addListening, type ListeningPlaces } from "./listening_steps.ts";
import { type FilterAddition, seccompFilter } from "./seccomp_filter.ts";

const F_SETFD = 2;
const FD_CLOEXEC = 1;
const TIOCSPGRP = 0x5410;
const PR_SET_DUMPABLE = 4;
const PR_SET_NO_NEW_PRIVS = 38;
const SECCOMP_SET_MODE_FILTER = 1;
const [SIG_BLOCK, SIG_SETMASK] = [0, 2];
const signalSetBytes = 8;
/** 1 is whoever waits for all others in the namespace. */
const firstPid = 2;

/** What the runner reports when nothing is left but to run the program. */
export const readyByte = 0x21;

/** What the steps are for. */
export interface LastStepsOptions {
  readonly processor: Processor;
  readonly program: SpawnRequest;
  readonly filter: FilterName | undefined;
  /** What the filter refuses, too; nothing by default. */
  readonly filterAddition?: FilterAddition | undefined;
  /** What it may use; as much as it likes by default. */
  readonly limits?: LimitSteps | undefined;
  /** What it is given beside its standard descriptors; nothing by default. */
  readonly given?: GivenDescriptors | undefined;
  /**
   * What is done before another program makes the sandbox, and runs the runner anew; nothing by default. What it opens has
   * the numbers from `firstOther` on, as for those below.
   */
  readonly before?: ((list: CallList, firstOther: number) => void) | undefined;
  /** Goes into a sandbox that the runner makes itself; absent where it is in one, or in none. */
  readonly enter?: ((list: CallList, firstOther: number) => void) | undefined;
  /** Gives up rights, as what it is then and where it is; none by default. */
  readonly restrict?: ((list: CallList, firstOther: number) => void) | undefined;
  /** How the program is to get a process group of its own, which signals reach and not who waits for it. */
  readonly group: "its own" | "its own, in the foreground" | "as it is";
  /** Descriptors of the start, which the program does not get. */
  readonly close: readonly number[];
  /** Where the server is to listen in the child's network. */
  readonly listens?: ListeningPlaces | undefined;
  /** Which calls wait for the server; none by default. */
  readonly notified?: NotifiedCalls | undefined;
}

/** Composes them. */
export function lastSteps(options: LastStepsOptions): CallList {
  const { processor, program, filter, filterAddition, limits, before, enter, restrict, group } = options;
  const { close, listens, notified, given = new GivenDescriptors() } = options;
  const { firstOther } = given;
  const list = new CallList(processor, given.report);
  before?.(list, firstOther);
  list.to("keep descriptors from the program")
    .call("fcntl", listDescriptor, F_SETFD, FD_CLOEXEC)
    // Its end then tells that the program runs.
    .call("fcntl", given.report, F_SETFD, FD_CLOEXEC);
  if (limits) addJoins(list, limits);
  for (const descriptor of close) list.attempt("close", descriptor);
  const sockets = [listens?.socket, notified?.socket].filter((socket) => socket !== undefined);
  closeOthers(list, firstOther, sockets);
  enter?.(list, firstOther);
  if (listens) {
    closeOthers(list, firstOther, sockets);
    // What catches everything listens from before the sandbox on, as whoever may.
    if (!listens.isTransparent) addListening(list, listens, firstOther);
    closeOthers(list, firstOther, notified ? [notified.socket] : []);
  }
  restrict?.(list, firstOther);
  if (filter) addFilter(list.to("filter system calls"), seccompFilter(filter, processor, filterAddition));
  // Whoever stays behind is as confined as the program, which may not take hold of him: with him all of it ends.
  if (enter) list.to("make a process").call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0).fork();
  if (group !== "as it is") addGroup(list.to("give the program a process group"), group);
  if (notified) addNotifications(list, notified, processor, firstOther);
  const report = given.place(list);
  if (limits) addResourceLimits(list, limits);
  const { argv0, args, env } = program;
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return list.to("run the program")
    .call("write", report, list.bytes(Uint8Array.of(readyByte)), 1)
    .call("execve", list.text(program.program), list.texts([argv0, ...args]), list.texts(variables));
}

/** All but some. */
function closeOthers(list: CallList, firstOther: number, kept: readonly number[]): void {
  let first = firstOther;
  for (const descriptor of kept.toSorted((one, other) => one - other)) {
    if (descriptor > first) list.attempt("close_range", first, descriptor - 1, 0);
    first = descriptor + 1;
  }
  list.attempt("close_range", first, 0xffff_ffff, 0);
}

function addGroup(list: CallList, group: "its own" | "its own, in the foreground"): void {
  list.call("setpgid", 0, 0);
  if (group === "its own") return;
  // Whoever is not in the foreground is stopped by this signal when it puts itself there.
  const stop = list.words(1n << BigInt(constants.signals.SIGTTOU - 1));
  list.call("rt_sigprocmask", SIG_BLOCK, stop, 0, signalSetBytes)
    .call("ioctl", 0, TIOCSPGRP, list.words(firstPid))
    .call("rt_sigprocmask", SIG_SETMASK, list.words(0), 0, signalSetBytes);
}

function addFilter(list: CallList, filter: Uint8Array): void {
  const instructions = filter.length / 8;
  list.call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    .call("seccomp", SECCOMP_SET_MODE_FILTER, 0, list.words(instructions, list.bytes(filter)));
}
