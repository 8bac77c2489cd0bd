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
