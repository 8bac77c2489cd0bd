import { concat } from "@std/bytes/concat";

/** Reads a TCP connection in pieces of a wanted size. */
export class ByteReader {
  readonly #source: { read(into: Uint8Array): Promise<number | null> };
  #pending = new Uint8Array(0);

  constructor(source: { read(into: Uint8Array): Promise<number | null> }) {
    this.#source = source;
  }

  /**
   * The next bytes, exactly as many as asked.
   *
   * @throws {Deno.errors.UnexpectedEof} when the connection ends before
   */
  async exactly(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const chunks = [this.#pending];
    let size = this.#pending.length;
    while (size < length) {
      const chunk = await this.#chunk();
      chunks.push(chunk);
      size += chunk.length;
    }
    return this.#take(length, chunks.length === 1 ? this.#pending : concat(chunks));
  }

  /**
   * The text up to a blank line, without it: the head of an HTTP message.
   *
   * @throws {Deno.errors.UnexpectedEof} when the connection ends before
   */
  async head(): Promise<string> {
    const decoder = new TextDecoder("latin1");
    for (;;) {
      const text = decoder.decode(this.#pending);
      const end = text.indexOf("\r\n\r\n");
      if (end >= 0) {
        this.#take(end + 4, this.#pending);
        return text.slice(0, end);
      }
      this.#pending = concat([this.#pending, await this.#chunk()]);
    }
  }

  async #chunk(): Promise<Uint8Array<ArrayBuffer>> {
    const chunk = new Uint8Array(65_536);
    const length = await this.#source.read(chunk);
    if (length === null) throw new Deno.errors.UnexpectedEof("The connection has ended");
    return chunk.subarray(0, length);
  }

  #take(length: number, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    this.#pending = bytes.subarray(length);
    return bytes.subarray(0, length);
  }
}
