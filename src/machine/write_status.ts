/** What became of bytes for a process's stdin, or for another of its descriptors. */
export type WriteStatus = "accepted" | "stdinClosed" | "unknownProcess" | "starting";
