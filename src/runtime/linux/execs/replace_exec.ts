/** Runs something in the place of a program that waits to be run. */
import { readFileSync } from "node:fs";
import { clearInterval, setInterval, setTimeout } from "node:timers";
import type { Replacement, StandardDescriptors } from "../../../host/pending_exec.ts";
import { ELSEWHERE_GRACE_MS, ELSEWHERE_SIGNAL_MS } from "../../../limits.ts";
import type { Libc } from "../../posix/libc.ts";
import { POLLIN } from "../../posix/platform.ts";
import type { Shared } from "../../posix/prepared_child.ts";
import { systemError } from "../../posix/system_error.ts";
import type { NotifiedCall } from "../notify/notified_call.ts";
import { type Processor, systemCallNumber, thisProcessor } from "../runner/system_calls.ts";
import { keepApart } from "../sandbox/memory_file.ts";
import { endAs } from "./end_as.ts";
import { PendingSignals } from "./pending_signals.ts";

const standardNumbers = [0, 1, 2] as const;

/**
 * Starts it with the descriptors of the process that waits, which ends as it does.
 *
 * @throws {Error} what the start throws, and with `code` where its descriptors cannot be had
 */
export async function replaceExec(
  shared: Shared,
  call: NotifiedCall,
  start: (standard: StandardDescriptors) => Promise<Replacement>,
): Promise<void> {
  const { libc, poller } = shared;
  const processor = thisProcessor!;
  const process = openProcess(libc, processor, leaderOf(call.pid));
  const watch = poller.watch(process, () => {
    watch.unwant(POLLIN);
    end?.();
  });
  let end: (() => void) | undefined;
  try {
    const child = await withStandard(libc, processor, process, start);
    end = () => endSoon(libc, child);
    // It may have ended before anybody listened.
    watch.want(POLLIN);
    const signals = new PendingSignals(call.pid);
    const group = child.group ?? child.pid;
    const look = setInterval(() => {
      for (const signal of signals.look()) libc.c.kill(-group, signal);
    }, ELSEWHERE_SIGNAL_MS);
    const status = await child.exit.finally(() => clearInterval(look));
    await endAs(shared, processor, call, status);
  } finally {
    watch.close();
  }
}

function endSoon({ c }: Libc, child: Replacement): void {
  const group = child.group ?? child.pid;
  c.kill(-group, SIGTERM);
  const timer = setTimeout(() => void c.kill(-child.pid, SIGKILL), ELSEWHERE_GRACE_MS);
  void child.exit.then(() => clearTimeout(timer));
}

const [SIGKILL, SIGTERM] = [9, 15];

async function withStandard(
  libc: Libc,
  processor: Processor,
  process: number,
  start: (standard: StandardDescriptors) => Promise<Replacement>,
): Promise<Replacement> {
  const taken: number[] = [];
  try {
    for (const number of standardNumbers) taken.push(takeDescriptor(libc, processor, process, number));
    return await start(taken as unknown as StandardDescriptors);
  } finally {
    for (const descriptor of taken) libc.c.close(descriptor);
  }
}

function openProcess({ c, errno }: Libc, processor: Processor, pid: number): number {
  const process = c.systemCall(systemCallNumber("pidfd_open", processor), pid, 0, 0, 0, 0, 0);
  if (process < 0) throw systemError("pidfd_open", errno());
  return process;
}

function takeDescriptor(libc: Libc, processor: Processor, process: number, number: number): number {
  const { c, errno } = libc;
  const taken = c.systemCall(systemCallNumber("pidfd_getfd", processor), process, number, 0, 0, 0, 0);
  if (taken < 0) throw systemError(`Taking descriptor ${number} of a process`, errno());
  return keepApart(libc, taken);
}

/** A process goes by the number of its first thread. */
function leaderOf(thread: number): number {
  const leader = /^Tgid:\t(\d+)$/m.exec(readFileSync(`/proc/${thread}/status`, "utf8"))?.[1];
  return leader === undefined ? thread : Number(leader);
}
