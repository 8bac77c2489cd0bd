import { concat } from "../std/bytes/concat.ts";
import { COLLECTED_OUTPUT_BYTES } from "../limits.ts";

/**
 * Output as far as it fits: the first half of the limit and the last half, with a marker between them that tells how many
 * bytes were cut.
 */
export class HeadAndTail {
  readonly #half: number;
  readonly #head: Uint8Array[] = [];
  readonly #tail: Uint8Array[] = [];
  #headBytes = 0;
  #tailBytes = 0;
  #cutBytes = 0;

  /** @param limitBytes bytes that are kept at the most; {@linkcode COLLECTED_OUTPUT_BYTES} by default */
  constructor(limitBytes: number = COLLECTED_OUTPUT_BYTES) {
    this.#half = Math.max(1, Math.floor(limitBytes / 2));
  }

  /** Bytes that were cut out so far. */
  get cutBytes(): number {
    return this.#cutBytes;
  }

  /** Takes bytes over. */
  push(bytes: Uint8Array): void {
    const room = this.#half - this.#headBytes;
    if (room > 0) {
      const first = bytes.subarray(0, room);
      this.#head.push(first);
      this.#headBytes += first.length;
    }
    if (bytes.length > room) this.#pushTail(bytes.subarray(Math.max(room, 0)));
  }

  /** Everything that is kept, with the marker where something is not. */
  bytes(): Uint8Array {
    const marker = this.#cutBytes > 0
      ? [new TextEncoder().encode(`\n[... ${this.#cutBytes} bytes cut ...]\n`)]
      : [];
    return concat([...this.#head, ...marker, ...this.#tail]);
  }

  /** The same as text. */
  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  #pushTail(bytes: Uint8Array): void {
    this.#tail.push(bytes);
    this.#tailBytes += bytes.length;
    while (this.#tailBytes > this.#half) {
      const oldest = this.#tail.shift()!;
      const excess = Math.min(this.#tailBytes - this.#half, oldest.length);
      if (excess < oldest.length) this.#tail.unshift(oldest.subarray(excess));
      this.#tailBytes -= excess;
      this.#cutBytes += excess;
    }
  }
}
