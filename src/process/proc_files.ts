import { readdirSync, readFileSync } from "node:fs";
import type { ProcessListing } from "./child_process.ts";

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
      // pid (name) state ppid pgrp session ...; the name may hold anything, so count from its last parenthesis.
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ", 4)[3]);
    } catch {
      return undefined;
    }
  },
};
