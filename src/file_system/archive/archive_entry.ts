import { createHash } from "node:crypto";

/** What an archive tells of one file, directory or link before its bytes. */
export interface ArchiveEntry {
  /** Where it is below the archive's root, with `/` between names; empty for the root itself. */
  readonly path: string;
  readonly kind: "file" | "directory" | "link";
  /** Its permissions: the lower twelve bits. */
  readonly mode: number;
  /** Milliseconds since 1970. */
  readonly modifiedAtMs: number;
  /** Bytes that follow; 0 for what is no file. */
  readonly size: number;
  /** What a link holds. */
  readonly target?: string | undefined;
  /** Where in the file the bytes begin; 0 when absent. */
  readonly offset?: number | undefined;
  /** Bytes that the file has, where that is not `size`: in a list of what there is, nothing follows. */
  readonly wholeSize?: number | undefined;
}

/** What is at the other end already of one file. */
export interface HeldFile {
  readonly path: string;
  readonly size: number;
  readonly modifiedAtMs: number;
}

/** The bytes that a file has. */
export function wholeSizeOf({ size, wholeSize }: ArchiveEntry): number {
  return wholeSize ?? size;
}

/** Whether two times are the same, which not every system keeps to the millisecond. */
export function isSameTime(one: number, other: number): boolean {
  return Math.abs(one - other) < TIME_TOLERANCE_MS;
}

const TIME_TOLERANCE_MS = 2;

/**
 * What a large file is called while it is not complete. The name says of which version its bytes are, so that they are gone
 * on from only where that is still what is sent.
 */
export function partName(name: string, size: number, modifiedAtMs: number): string {
  const short = name.length > LONGEST_NAME ? createHash("sha256").update(name).digest("hex") : name;
  return `.${short}.${size.toString(36)}-${Math.round(modifiedAtMs).toString(36)}${PART_SUFFIX}`;
}

/** Characters of a name that leave room for the rest, however many bytes each has: no file system takes more than 255. */
const LONGEST_NAME = 64;

export const PART_SUFFIX = ".exec-server-part";
