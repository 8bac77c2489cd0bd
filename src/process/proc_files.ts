import { readdirSync, readFileSync } from "node:fs";
import type { ProcessListing } from "../host/child_process.ts";

/** The processes of this machine after the files of `/proc`, which takes a while; none where the system has no such. */
export const procFiles: ProcessListing = {
  pids() {
    try {
      return readdirSync("/proc").map(Number).filter((pid) => pid > 0);
    } catch {
      return [];
    }
  },

  sessionOf(pid) {
    try {
      return sessionIn(readFileSync(`/proc/${pid}/stat`, "latin1"));
    } catch {
      return undefined;
    }
  },
};

/** The number of the session in what `/proc/PID/stat` says. */
export function sessionIn(stat: string): number {
  // pid (name) state ppid pgrp session ...; the name may hold anything, so count from its last parenthesis.
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ", 4)[3]);
}
