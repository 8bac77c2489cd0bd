import { DIRECTORY_ENTRIES } from "../limits.ts";
import { internalError } from "../protocol/errors.ts";
import { readablePath } from "../protocol/path_text.ts";
import type { Disk } from "./disk.ts";
import { type Entry, kindOf } from "./entry.ts";
import { answering } from "./failures.ts";
import { join } from "./paths.ts";

/** One entry of a directory, links followed. Devices, FIFOs and sockets are neither. */
export interface ReadDirectoryEntry {
  /** Bytes that are not UTF-8 are replaced by U+FFFD. */
  fileName: string;
  isDirectory: boolean;
  isFile: boolean;
}

/**
 * The entries of a directory, unsorted. Links that lead nowhere are left out.
 *
 * @throws {RpcError} -32004 when it does not exist; -32600 without permission; -32603 for what is no directory or has
 *   more than {@linkcode DIRECTORY_ENTRIES}
 */
export function readDirectory(disk: Disk, path: string): Promise<{ entries: ReadDirectoryEntry[] }> {
  return answering(async () => {
    const entries: ReadDirectoryEntry[] = [];
    for await (const listed of disk.list(path)) {
      for (const entry of await followLinks(disk, path, listed)) {
        entries.push({
          fileName: readablePath(entry.name),
          isDirectory: entry.kind === "directory",
          isFile: entry.kind === "file",
        });
      }
      if (entries.length > DIRECTORY_ENTRIES) {
        throw internalError(
          `The directory has more than ${DIRECTORY_ENTRIES} entries, the limit of fs/readDirectory`,
        );
      }
    }
    return { entries };
  });
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
