import { Buffer } from "node:buffer";
import type { Dirent, Stats } from "node:fs";
import { pathFromBytes } from "../native/path_text.ts";

/** What a name stands for; links are told as links, and `unknown` has to be looked up. */
export type EntryKind = "file" | "directory" | "link" | "other" | "unknown";

/** One name in a directory. */
export interface Entry {
  /** The name, with bytes that are not UTF-8 escaped as path_text.ts says. */
  readonly name: string;
  readonly kind: EntryKind;
}

/** The entry of a listing by `node:fs`. */
export function entryOfDirent(dirent: Dirent): Entry {
  const kind = dirent.isFile()
    ? "file"
    : dirent.isDirectory()
    ? "directory"
    : dirent.isSymbolicLink()
    ? "link"
    : "unknown";
  return { name: dirent.name, kind };
}

/** What a file's status says that it is. */
export function kindOf(stats: Stats): EntryKind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  return stats.isSymbolicLink() ? "link" : "other";
}

/** The name of a file whatever its path: device and number. */
export function identityOf(stats: Stats): string {
  return `${stats.dev}:${stats.ino}`;
}

/** The same, for longer than the file is there: its number is soon given to another, which was born at another time. */
export function bornIdentityOf(stats: Stats): string {
  return `${identityOf(stats)}:${stats.birthtimeMs}`;
}

/** The numbers of `d_type`. */
const kindsByType: Readonly<Record<number, EntryKind>> = {
  0: "unknown",
  4: "directory",
  8: "file",
  10: "link",
};

/** Reads the entries out of a block of `struct linux_dirent64`. */
export function parseEntries(block: Uint8Array): Entry[] {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  const entries: Entry[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt16LE(at + 16);
    const start = at + 19;
    const name = bytes.subarray(start, bytes.indexOf(0, start));
    if (!isDots(name)) {
      entries.push({ name: pathFromBytes(name), kind: kindsByType[bytes[at + 18]!] ?? "other" });
    }
    at += length;
  }
  return entries;
}

function isDots(name: Uint8Array): boolean {
  return name[0] === 0x2e && (name.length === 1 || (name.length === 2 && name[1] === 0x2e));
}
