import { readFile } from "node:fs/promises";
import type { ManagedProcess } from "../process/managed_process.ts";
import { procFiles } from "../process/proc_files.ts";
import type { KernelUnits } from "./kernel_units.ts";
import type { ProcessUsage } from "./machine_usage.ts";

/** What one process of the machine uses, in the kernel's units. */
export interface ProcessCounters {
  readonly ticks: number;
  readonly pages: number;
}

/** What processes use that have not closed, each with everything in its session. */
export async function sessionUsage(
  processes: readonly ManagedProcess[],
  { tickMs, pageBytes }: KernelUnits,
): Promise<ProcessUsage[]> {
  const open = processes.filter(({ log }) => !log.closed);
  const sums = new Map(open.map(({ pid }) => [pid, { ticks: 0, pages: 0, pids: 0 }]));
  for (const [pid, session] of membersOf(sums, open[0]?.relatives)) {
    const counters = await countersOf(pid);
    if (!counters) continue;
    const sum = sums.get(session)!;
    sum.ticks += counters.ticks;
    sum.pages += counters.pages;
    sum.pids++;
  }
  return open.map(({ handle, pid }) => {
    const { ticks, pages, pids } = sums.get(pid)!;
    return { handle, cpuMs: Math.round(ticks * tickMs), rssBytes: pages * pageBytes, pids };
  });
}

/** What `/proc/PID/stat` says of a process, and of those that it has waited for. */
export function countersIn(stat: string): ProcessCounters {
  // pid (name) state ...; the name may hold anything, so count from its last parenthesis: utime is the 14th, rss the 24th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
  const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15);
  return { ticks: utime + stime + cutime + cstime, pages: fields[21] ?? 0 };
}

/** The processes of some sessions, and whose session each is in; all at once, since it is a look at all of the machine's. */
function membersOf(
  sessions: ReadonlyMap<number, unknown>,
  listing = procFiles,
): [pid: number, session: number][] {
  if (sessions.size === 0) return [];
  const found: [number, number][] = [];
  for (const pid of listing.pids()) {
    const session = listing.sessionOf(pid);
    if (session !== undefined && sessions.has(session)) found.push([pid, session]);
  }
  return found;
}

/** Undefined for one that has ended meanwhile. */
async function countersOf(pid: number): Promise<ProcessCounters | undefined> {
  try {
    return countersIn(await readFile(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return undefined;
  }
}
