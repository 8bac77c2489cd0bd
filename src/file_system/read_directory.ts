import { DIRECTORY_ENTRIES } from "../limits.ts";
import { failed } from "../native/operation_error.ts";
import { readablePath } from "../native/path_text.ts";
import type { Disk } from "./disk.ts";
import { type Entry, kindOf } from "./entry.ts";
import type { DirectoryEntry } from "./operations.ts";
import { join } from "./paths.ts";

/**
 * The entries of a directory, unsorted. Links that lead nowhere are left out.
 *
 * @throws {OperationError} FAILED for one that has more than {@linkcode DIRECTORY_ENTRIES}
 * @throws {Error} the operating system's, such as ENOENT, and ENOTDIR for what is no directory
 */
export async function readDirectory(disk: Disk, path: string): Promise<DirectoryEntry[]> {
  const entries: DirectoryEntry[] = [];
  for await (const listed of disk.list(path)) {
    for (const entry of await followLinks(disk, path, listed)) {
      entries.push({
        name: readablePath(entry.name),
        isDirectory: entry.kind === "directory",
        isFile: entry.kind === "file",
      });
    }
    if (entries.length > DIRECTORY_ENTRIES) {
      throw failed(`The directory has more than ${DIRECTORY_ENTRIES} entries, the limit of fs/readDirectory`);
    }
  }
  return entries;
}

/** An entry, and what it is with links followed. */
export interface FollowedEntry extends Entry {
  /** Whether the name itself is a link. */
  readonly isLink: boolean;
}

/** Looks up what links lead to, and what the listing did not tell. Those that lead nowhere are left out. */
export async function followLinks(
  disk: Disk,
  directory: string,
  entries: readonly Entry[],
): Promise<FollowedEntry[]> {
  const followed: FollowedEntry[] = [];
  const lookUps: Promise<void>[] = [];
  for (const { name, kind } of entries) {
    if (kind !== "link" && kind !== "unknown") followed.push({ name, kind, isLink: false });
    else {lookUps.push(
        lookUp(disk, join(directory, name), name).then((entry) => void followed.push(entry), () => {}),
      );}
  }
  await Promise.all(lookUps);
  return followed;
}

async function lookUp(disk: Disk, path: string, name: string): Promise<FollowedEntry> {
  const named = await disk.lstat(path);
  if (!named.isSymbolicLink()) return { name, kind: kindOf(named), isLink: false };
  return { name, kind: kindOf(await disk.stat(path)), isLink: true };
}
