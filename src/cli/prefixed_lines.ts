import { FLEET_LINE_BYTES } from "../limits.ts";
import { concat } from "../std/bytes/concat.ts";

const newline = 10;

/**
 * The lines of one stream, each behind a prefix. Only whole lines come out, so that those of several streams can follow
 * each other; a line of more than {@linkcode FLEET_LINE_BYTES} comes in several, and the last one gets an end where it has
 * none.
 */
export class PrefixedLines {
  readonly #prefix: Uint8Array;
  /** The beginning of a line whose end has not come. */
  #begun: Uint8Array[] = [];
  #begunBytes = 0;

  constructor(prefix: string) {
    this.#prefix = new TextEncoder().encode(prefix);
  }

  /** @returns the lines that end with these bytes */
  add(bytes: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf(newline, at);
      const next = end < 0 ? bytes.length : end + 1;
      this.#begin(bytes.subarray(at, next));
      at = next;
      if (end >= 0) parts.push(...this.#take());
      else if (this.#begunBytes >= FLEET_LINE_BYTES) parts.push(this.end());
    }
    return concat(parts);
  }

  /** @returns the last line, if it has no end; with one */
  end(): Uint8Array {
    if (this.#begunBytes === 0) return noBytes;
    this.#begin(lineEnd);
    return concat(this.#take());
  }

  #begin(bytes: Uint8Array): void {
    this.#begun.push(bytes);
    this.#begunBytes += bytes.length;
  }

  #take(): Uint8Array[] {
    const line = [this.#prefix, ...this.#begun];
    this.#begun = [];
    this.#begunBytes = 0;
    return line;
  }
}

const noBytes = new Uint8Array();
const lineEnd = Uint8Array.of(newline);
