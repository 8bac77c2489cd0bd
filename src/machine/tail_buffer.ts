/** The last bytes of a stream. */
export class TailBuffer {
  readonly #limitBytes: number;
  /** Twice the limit at the most, so that bytes are moved only now and then. */
  #buffer = new Uint8Array(0);
  #length = 0;
  /** Bytes in the stream's whole life. */
  #total = 0;

  /** @param limitBytes bytes that are kept at the most */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Appends a copy of some bytes. */
  push(bytes: Uint8Array): void {
    const last = bytes.subarray(Math.max(0, bytes.length - this.#limitBytes));
    this.#total += bytes.length;
    if (this.#length + last.length > 2 * this.#limitBytes) this.#keep(this.#limitBytes - last.length);
    const length = this.#length + last.length;
    if (length > this.#buffer.length) {
      const larger = new Uint8Array(Math.min(2 * length, 2 * this.#limitBytes));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(last, this.#length);
    this.#length = length;
  }

  /** What is kept, as text. It begins with a whole character. */
  text(): string {
    let start = Math.max(0, this.#length - this.#limitBytes);
    const isCut = this.#length - start < this.#total;
    while (isCut && start < this.#length && (this.#buffer[start]! & 0xc0) === 0x80) start++;
    return new TextDecoder().decode(this.#buffer.subarray(start, this.#length));
  }

  /** Forgets all but the last bytes. */
  #keep(bytes: number): void {
    this.#buffer.copyWithin(0, this.#length - bytes, this.#length);
    this.#length = bytes;
  }
}
