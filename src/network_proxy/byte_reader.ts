/** Reads a connection piece by piece, and puts back what was too much. */
import type { NetworkConnection } from "../host/network.ts";
import { concat } from "../std/bytes/concat.ts";

const [CR, LF] = [13, 10];

/** What was asked for is longer than it may be. */
export class TooLongError extends Error {
  override readonly name = "TooLongError";
}

/** The bytes of a connection, in their order. */
export class ByteReader {
  readonly connection: NetworkConnection;
  #rest: Uint8Array | undefined;
  /** A read that was begun before anybody needed it. */
  #pending: Promise<Uint8Array | null> | undefined;
  #stopWatching: (() => void) | undefined;
  /** Whether reading has failed. */
  isBroken = false;

  constructor(connection: NetworkConnection) {
    this.connection = connection;
  }

  /** The next bytes; null at the end. */
  read(): Promise<Uint8Array | null> {
    const rest = this.takeRest();
    return rest ? Promise.resolve(rest) : this.#readOn();
  }

  async #readOn(): Promise<Uint8Array | null> {
    try {
      const pending = this.#pending ??= this.connection.read();
      const bytes = await pending;
      this.#pending = undefined;
      return bytes;
    } catch (error) {
      this.isBroken = true;
      throw error;
    }
  }

  /** Waits until there is something to read, or watching is stopped; false where the end has come. */
  async watch(): Promise<boolean> {
    if (this.#rest) return true;
    const pending = this.#pending ??= this.connection.read();
    const stopped = new Promise<"stopped">((resolve) => this.#stopWatching = () => resolve("stopped"));
    try {
      return await Promise.race([pending, stopped]) !== null;
    } catch (error) {
      this.isBroken = true;
      throw error;
    }
  }

  /** Ends {@linkcode watch}. What it waits for is read next. */
  stopWatching(): void {
    this.#stopWatching?.();
  }

  /** What has been put back. */
  takeRest(): Uint8Array | undefined {
    const rest = this.#rest;
    this.#rest = undefined;
    return rest;
  }

  /** Puts bytes back, to be read next. */
  putBack(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#rest = this.#rest ? concat([bytes, this.#rest]) : bytes;
  }

  /**
   * Exactly so many bytes; null where the connection ends before.
   */
  async readExactly(count: number): Promise<Uint8Array | null> {
    const pieces: Uint8Array[] = [];
    for (let missing = count; missing > 0;) {
      const bytes = await this.read();
      if (!bytes) return null;
      this.putBack(bytes.subarray(missing));
      const piece = bytes.subarray(0, missing);
      pieces.push(piece);
      missing -= piece.length;
    }
    return pieces.length === 1 ? pieces[0]! : concat(pieces);
  }

  /**
   * A head of HTTP, up to the empty line behind it, without that. Empty lines before it are left out. Null where the
   * connection ends before there is any.
   *
   * @throws {TooLongError} for one of more bytes
   */
  async readHead(maxBytes: number): Promise<string | null> {
    let head = new Uint8Array();
    for (;;) {
      const bytes = await this.read();
      if (!bytes) return head.length === 0 ? null : text(head);
      const begin = head.length === 0 ? emptyLines(bytes) : 0;
      if (begin === bytes.length) continue;
      const from = Math.max(0, head.length - 3);
      head = head.length === 0 ? bytes.slice(begin) : concat([head, bytes]);
      const end = headEnd(head, from);
      if (end) {
        if (end.text > maxBytes) break;
        this.putBack(head.subarray(end.next));
        return text(head.subarray(0, end.text));
      }
      if (head.length > maxBytes) break;
    }
    throw new TooLongError(`more than ${maxBytes} bytes`);
  }
}

function emptyLines(bytes: Uint8Array): number {
  let at = 0;
  while (bytes[at] === CR || bytes[at] === LF) at++;
  return at;
}

/** Where a head ends, and where what follows begins. */
function headEnd(bytes: Uint8Array, from: number): { text: number; next: number } | undefined {
  for (let at = bytes.indexOf(LF, from); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    const text = bytes[at - 1] === CR ? at - 1 : at;
    if (bytes[at + 1] === LF) return { text, next: at + 2 };
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return { text, next: at + 3 };
  }
}

/** Byte for byte. */
function text(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8_192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  }
  return text;
}
