import { readdirSync, readFileSync } from "node:fs";
import { kill } from "node:process";
import { KILL_ROUNDS } from "../limits.ts";
import { osErrorCode } from "../protocol/os_errors.ts";

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
 * Kills everything in the session that a living process leads: its group at once, and on Linux also the groups that a
 * shell with job control made. A process that left the session (`setsid`) is not found.
 *
 * @param leader the pid of the session's leader
 */
export function killSession(leader: number): void {
  signalGroup(leader, "SIGKILL");
  // A member that forks while its siblings are being killed leaves a child behind: look until nobody new is found.
  const killed = new Set<number>();
  for (let round = 0; round < KILL_ROUNDS; round++) {
    const found = sessionMembers(leader).filter((pid) => !killed.has(pid));
    if (found.length === 0) return;
    for (const pid of found) {
      killOne(pid);
      killed.add(pid);
    }
  }
}

/** Whether a process has this number. */
export function isRunning(pid: number): boolean {
  try {
    kill(pid, 0);
    return true;
  } catch (error) {
    return osErrorCode(error) !== "ESRCH";
  }
}

function killOne(pid: number): void {
  try {
    kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

/** The living members of a session beside its leader; none where the system has no /proc. */
function sessionMembers(leader: number): number[] {
  const members: number[] = [];
  let entries: string[];
  try {
    entries = readdirSync("/proc");
  } catch {
    return members;
  }
  for (const entry of entries) {
    const first = entry.charCodeAt(0);
    if (first < 0x31 || first > 0x39) continue;
    const pid = Number(entry);
    if (pid === leader) continue;
    try {
      // pid (name) state ppid pgrp session ...; the name may hold anything, so count from its last parenthesis.
      const stat = readFileSync(`/proc/${entry}/stat`, "latin1");
      const [state, , , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (Number(session) === leader && state !== "Z" && state !== "X") members.push(pid);
    } catch {
      // It has ended meanwhile.
    }
  }
  return members;
}
