import type { OutputStream } from "../protocol/schemas/process.ts";

/** What of a process's output is wanted. */
export interface LogsWanted {
  readonly afterSeq: number;
  /** Only what came at this time or later, in milliseconds since 1970. */
  readonly sinceMs: number | undefined;
  readonly lines: number | undefined;
  readonly stream: string | undefined;
  readonly follows: boolean;
  /** Whether each line is to begin with the time when it came. */
  readonly times: boolean;
}

/** Bytes of one stream. */
export interface LoggedOutput {
  readonly stream: OutputStream;
  readonly bytes: Uint8Array;
  /** When they came, in milliseconds since 1970, where that was asked for. */
  readonly atMs?: number | undefined;
}
