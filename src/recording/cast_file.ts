import { appendFile } from "node:fs/promises";
import { RECORD_FLUSH_BYTES, RECORD_FLUSH_MS } from "../limits.ts";
import { unref } from "../unref.ts";

/** A new file of lines that only this program's user may read, written now and then. */
export class CastFile {
  readonly path: string;
  readonly #maxBytes: number;
  #lines: string[] = [];
  #chars = 0;
  #bytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flushing: Promise<void> = Promise.resolve();
  #isNew = true;
  /** Whether its limit is reached, so that it takes no more. */
  isFull = false;

  constructor(path: string, maxBytes: number) {
    this.path = path;
    this.#maxBytes = maxBytes;
  }

  /** Characters that it was given. */
  get bytes(): number {
    return this.#bytes;
  }

  write(line: string): void {
    if (this.isFull) return;
    if (this.#bytes + line.length > this.#maxBytes) {
      this.isFull = true;
      line = '[0.000, "m", "the recording has reached its limit"]';
    }
    this.#lines.push(line, "\n");
    this.#chars += line.length + 1;
    this.#bytes += line.length + 1;
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.flush().catch(() => {}), RECORD_FLUSH_MS);
    unref(this.#timer);
  }

  /** Waits for the disk where much is to be written. */
  async room(): Promise<void> {
    if (this.#chars >= RECORD_FLUSH_BYTES) await this.flush();
  }

  /** @throws {Error} the operating system's, then and from then on */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#lines.join("");
    this.#lines = [];
    this.#chars = 0;
    if (text === "") return this.#flushing;
    const flag = this.#isNew ? "ax" : "a";
    this.#isNew = false;
    this.#flushing = this.#flushing.then(() => appendFile(this.path, text, { mode: 0o600, flag }));
    this.#flushing.catch(() => {}); // Whoever flushes next is told.
    return this.#flushing;
  }
}
