import { Buffer } from "node:buffer";

/** Bytes that come in pieces, read in whatever portions their meaning asks for. */
export class ByteSource {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Uint8Array | undefined;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** What there is next, as it came and never empty; undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest) return rest;
    for (;;) {
      const { value, done } = await this.#pieces.next();
      if (done) return undefined;
      if (value.length > 0) return value;
    }
  }

  /** Lets the next read begin with these bytes. Only what the last read returned may come back. */
  putBack(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#rest = bytes;
  }

  /** As many bytes as asked for, or fewer where the end comes first. */
  async upTo(count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(count);
    for (let length = 0; length < count;) {
      const piece = await this.next();
      if (!piece) return bytes.subarray(0, length);
      const taken = piece.subarray(0, count - length);
      this.putBack(piece.subarray(taken.length));
      bytes.set(taken, length);
      length += taken.length;
    }
    return bytes;
  }

  /**
   * The bytes before the next one of this value, which is passed over, one character per byte; undefined where the end
   * comes first.
   *
   * @throws {Error} when there are more than the limit
   */
  async before(end: number, limit: number): Promise<string | undefined> {
    let text = "";
    for (;;) {
      const piece = await this.next();
      if (!piece) return undefined;
      const index = piece.indexOf(end);
      const part = index < 0 ? piece : piece.subarray(0, index);
      if (text.length + part.length > limit) throw new Error(`more than ${limit} bytes of header`);
      text += Buffer.from(part.buffer, part.byteOffset, part.length).toString("latin1");
      if (index < 0) continue;
      this.putBack(piece.subarray(index + 1));
      return text;
    }
  }
}
