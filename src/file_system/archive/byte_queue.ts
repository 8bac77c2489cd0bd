import { invalid } from "../../native/operation_error.ts";
import { concat } from "../../std/bytes/concat.ts";

/** Bytes that come in pieces, taken in other pieces. */
export class ByteQueue {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /**
   * Exactly so many bytes.
   *
   * @throws {OperationError} INVALID where they end before
   */
  async take(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let missing = length; missing > 0;) {
      const part = await this.some(missing);
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 ? parts[0]! : concat(parts);
  }

  /**
   * The next bytes, at least one and at most so many.
   *
   * @throws {OperationError} INVALID where there are none
   */
  async some(maximum: number): Promise<Uint8Array> {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#pieces.next();
      if (done) throw invalid("the archive ends before it is complete");
      this.#rest = value;
    }
    const part = this.#rest.subarray(0, maximum);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }

  /** Takes no more. */
  async end(): Promise<void> {
    await this.#pieces.return?.();
  }
}
