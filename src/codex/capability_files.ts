import { opendir, realpath, stat } from "node:fs/promises";
import { type CallShare, waitingCalls } from "../host/waiting_calls.ts";
import { readTextFile } from "./text_file.ts";

/** A name in a directory, links not followed. */
export interface CapabilityEntry {
  readonly name: string;
  readonly kind: "file" | "directory" | "link" | "other";
}

/** The files in which capabilities are looked for. All but `readText` fail with the operating system's errors. */
export interface CapabilityFiles {
  isDirectory(path: string): Promise<boolean>;
  /** The path without links. */
  realpath(path: string): Promise<string>;
  /** So many entries of a directory at the most, and whether there are more. */
  list(path: string, most: number): Promise<{ entries: CapabilityEntry[]; truncated: boolean }>;
  /** @throws {TextFileError} */
  readText(path: string, maxBytes: number): Promise<string>;
}

/** All those of this machine. @param calls what they wait in */
export function machineFiles(calls: CallShare = waitingCalls.share()): CapabilityFiles {
  return {
    isDirectory: async (path) => (await calls.run(() => stat(path), path)).isDirectory(),
    realpath: (path) => calls.run(() => realpath(path), path),
    list: (path, most) => calls.run(() => listDirectory(path, most), path),
    readText: (path, maxBytes) => readTextFile(path, maxBytes, calls),
  };
}

async function listDirectory(path: string, most: number) {
  const entries: CapabilityEntry[] = [];
  // Leaving the loop closes the directory.
  for await (const entry of await opendir(path)) {
    if (entries.length === most) return { entries, truncated: true };
    const kind = entry.isFile()
      ? "file"
      : entry.isDirectory()
      ? "directory"
      : entry.isSymbolicLink()
      ? "link"
      : "other";
    entries.push({ name: entry.name, kind });
  }
  return { entries, truncated: false };
}
