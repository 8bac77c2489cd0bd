import { concat } from "../std/bytes/concat.ts";
import type { LoggedOutput } from "./logs_wanted.ts";

const newline = 10;

/** Puts in front of each line of an output the time when it began. */
export class TimedLines {
  /** The streams whose last line has no end yet. */
  readonly #open = new Set<string>();

  add({ stream, bytes, atMs = 0 }: LoggedOutput): LoggedOutput {
    const time = new TextEncoder().encode(`${new Date(atMs).toISOString()} `);
    const parts: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      if (!this.#open.has(stream)) parts.push(time);
      const end = bytes.indexOf(newline, at);
      const next = end < 0 ? bytes.length : end + 1;
      parts.push(bytes.subarray(at, next));
      if (end < 0) this.#open.add(stream);
      else this.#open.delete(stream);
      at = next;
    }
    return { stream, bytes: concat(parts) };
  }
}
