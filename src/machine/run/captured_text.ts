import { concat } from "../../std/bytes/concat.ts";

/** The beginning of a stream, as far as it is kept. */
export class CapturedText {
  readonly #limitBytes: number;
  readonly #parts: Uint8Array[] = [];
  #bytes = 0;
  #truncated = false;

  /** @param limitBytes bytes that are kept at the most */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Whether there was more. */
  get truncated(): boolean {
    return this.#truncated;
  }

  push(bytes: Uint8Array): void {
    const part = bytes.subarray(0, this.#limitBytes - this.#bytes);
    if (part.length < bytes.length) this.#truncated = true;
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#bytes += part.length;
  }

  /** What is kept; a character that is cut is left out. */
  text(): string {
    return new TextDecoder("utf-8", { ignoreBOM: true })
      .decode(concat(this.#parts), { stream: this.#truncated });
  }
}
