import type { LoggedOutput } from "./logs_wanted.ts";

const newline = 10;

/** The last lines of an output that comes in parts, of whichever stream. A last line without an end counts. */
export class LastLines {
  readonly #limit: number;
  #parts: (LoggedOutput & { readonly ends: number })[] = [];
  /** Ends of lines in the parts. */
  #ends = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(part: LoggedOutput): void {
    const count = ends(part);
    this.#parts.push({ ...part, ends: count });
    this.#ends += count;
    // What is in front of enough ends of lines is wanted no more.
    let surplus = 0;
    while (surplus < this.#parts.length && this.#ends - this.#parts[surplus]!.ends > this.#limit) {
      this.#ends -= this.#parts[surplus++]!.ends;
    }
    if (surplus > 0) this.#parts.splice(0, surplus);
  }

  /** The lines, in their order. */
  take(): LoggedOutput[] {
    if (this.#limit === 0) return [];
    const endsLast = this.#parts.at(-1)?.bytes.at(-1) === newline;
    let skipped = this.#ends - this.#limit + (endsLast ? 0 : 1);
    return this.#parts.flatMap(({ stream, bytes, atMs }) => {
      let at = 0;
      while (skipped > 0 && at < bytes.length) if (bytes[at++] === newline) skipped--;
      return at < bytes.length ? [{ stream, bytes: bytes.subarray(at), atMs }] : [];
    });
  }
}

function ends({ bytes }: LoggedOutput): number {
  let count = 0;
  for (const byte of bytes) if (byte === newline) count++;
  return count;
}
