import { kill } from "node:process";
import { KILL_ROUNDS } from "../limits.ts";
import { osErrorCode } from "../native/os_errors.ts";
import type { ProcessListing } from "../host/child_process.ts";
import { isRunning } from "../host/is_running.ts";
import { procFiles } from "./proc_files.ts";

/**
 * Sends a signal to a process group.
 *
 * @returns whether there was anybody in it
 */
export function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  try {
    kill(-leader, signal);
    return true;
  } catch (error) {
    if (osErrorCode(error) === "ESRCH") return false;
    throw error;
  }
}

/**
 * Kills everything in sessions: their leaders' groups at once, and on Linux also the groups that a shell with job
 * control made. A process that left its session (`setsid`) is not found.
 *
 * @param leaders the pids of the sessions' leaders. One that is reaped may be given as long as nobody can have its number.
 * @param processes where to look for the sessions' members
 * @returns why leaders may not be signalled, by their pids; everybody else was
 */
export function killSessions(
  leaders: readonly number[],
  processes: ProcessListing = procFiles,
): Map<number, Error> {
  const sessions = new Set(leaders);
  const refusals = new Map<number, Error>();
  for (const leader of sessions) {
    try {
      signalGroup(leader, "SIGKILL");
    } catch (error) {
      refusals.set(leader, error as Error);
    }
  }
  const killed = new Set(sessions);
  for (let round = 0; round < KILL_ROUNDS && killMembers(sessions, processes, killed); round++);
  return refusals;
}

/**
 * Kills the members of sessions that are not killed yet.
 *
 * @returns whether to look again, since a member that forks while its siblings are being killed leaves a child behind
 */
function killMembers(sessions: Set<number>, processes: ProcessListing, killed: Set<number>): boolean {
  let again = false;
  for (const pid of processes.pids()) {
    if (killed.has(pid)) continue;
    const session = processes.sessionOf(pid);
    if (session === undefined) {
      // If it went after it was listed, it may have been a member that had just handed over to a child.
      again ||= !isRunning(pid);
    } else if (sessions.has(session)) {
      // One that ended and is not reaped is a member too, for the same reason.
      killOne(pid);
      killed.add(pid);
      again = true;
    }
  }
  return again;
}

function killOne(pid: number): void {
  try {
    kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
