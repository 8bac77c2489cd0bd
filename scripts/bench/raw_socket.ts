/** A WebSocket that costs as little as possible, so that a measurement is the server's. */
import { concat } from "@std/bytes/concat";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Room for what one read may bring: little at first, so that many idle sockets cost little. */
const FIRST_READ_BYTES = 1 << 16;
const LARGEST_READ_BYTES = 4 << 20;

export class RawSocket {
  /** Resolves when the peer has closed the connection, or it was lost. */
  readonly ended: Promise<void>;

  readonly #connection: Deno.TcpConn;
  readonly #onMessage: (payload: Uint8Array) => void;
  readonly #ended = Promise.withResolvers<void>();
  #buffer = new Uint8Array(FIRST_READ_BYTES);
  #start = 0;
  #end = 0;
  /** Whether more may have been there than one read could take. */
  #lastWasFull = false;
  #parts: Uint8Array[] = [];

  private constructor(connection: Deno.TcpConn, onMessage: (payload: Uint8Array) => void) {
    this.#connection = connection;
    this.#onMessage = onMessage;
    this.ended = this.#ended.promise;
  }

  /**
   * Connects.
   *
   * @param onMessage is called with every message; its bytes are good until it returns
   * @throws {Error} with the head of the answer, where the server does not upgrade
   */
  static async connect(url: string, onMessage: (payload: Uint8Array) => void): Promise<RawSocket> {
    const { hostname, port, pathname } = new URL(url);
    const connection = await Deno.connect({ hostname, port: Number(port) });
    connection.setNoDelay(true);
    const socket = new RawSocket(connection, onMessage);
    await connection.write(encoder.encode(
      `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${btoa("0123456789abcdef")}\r\n\r\n`,
    ));
    await socket.#readHead();
    socket.#read();
    return socket;
  }

  /** Cuts the connection. */
  close(): void {
    try {
      this.#connection.close();
    } catch {
      // It is closed.
    }
  }

  /** Sends a message. Resolves when the kernel took it. */
  send(text: string): Promise<void> {
    return this.sendBytes(encoder.encode(text), 1);
  }

  /** Sends a message of bytes, by default, or a frame of another opcode. */
  sendBytes(payload: Uint8Array, opcode = 2): Promise<void> {
    const extended = payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8;
    const frame = new Uint8Array(2 + extended + 4 + payload.length);
    const view = new DataView(frame.buffer);
    frame[0] = 0x80 | opcode;
    frame[1] = 0x80 | (extended === 0 ? payload.length : extended === 2 ? 126 : 127);
    if (extended === 2) view.setUint16(2, payload.length);
    if (extended === 8) view.setBigUint64(2, BigInt(payload.length));
    frame.set(payload, 2 + extended + 4); // The mask is zero: allowed, and free.
    return this.#write(frame);
  }

  #writing: Promise<void> = Promise.resolve();

  #write(bytes: Uint8Array): Promise<void> {
    return this.#writing = this.#writing.then(async () => {
      for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
    }).catch(() => {});
  }

  async #readHead(): Promise<void> {
    for (;;) {
      if (!await this.#fill()) throw new Error("The server hung up before it answered");
      const text = decoder.decode(this.#buffer.subarray(0, this.#end));
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) continue;
      if (!text.startsWith("HTTP/1.1 101")) throw new Error(text.slice(0, end));
      this.#start = end + 4;
      return;
    }
  }

  async #fill(): Promise<boolean> {
    if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    if (this.#end === this.#buffer.length || this.#lastWasFull) {
      const larger = new Uint8Array(this.#buffer.length * 2);
      larger.set(this.#buffer.subarray(0, this.#end));
      this.#buffer = larger;
    }
    const count = await this.#connection.read(this.#buffer.subarray(this.#end)).catch(() => null);
    if (count === null) return false;
    this.#end += count;
    this.#lastWasFull = this.#end === this.#buffer.length && this.#end < LARGEST_READ_BYTES;
    return true;
  }

  async #read(): Promise<void> {
    do {
      while (this.#frame());
    } while (await this.#fill());
    this.#ended.resolve();
  }

  /** Takes one frame out of the buffer; false where there is none yet. */
  #frame(): boolean {
    const have = this.#end - this.#start;
    if (have < 2) return false;
    const view = new DataView(this.#buffer.buffer, this.#start);
    const short = view.getUint8(1) & 127;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (have < head) return false;
    const length = short < 126 ? short : short === 126 ? view.getUint16(2) : Number(view.getBigUint64(2));
    if (have < head + length) return false;
    const payload = this.#buffer.subarray(this.#start + head, this.#start + head + length);
    this.#start += head + length;
    const first = view.getUint8(0);
    const opcode = first & 15;
    if (opcode === 8) this.#ended.resolve();
    if (opcode === 9) this.sendBytes(payload, 10);
    if (opcode > 2) return true;
    if (first & 128 && this.#parts.length === 0) this.#onMessage(payload);
    else this.#fragment(payload, (first & 128) !== 0);
    return true;
  }

  #fragment(payload: Uint8Array, last: boolean): void {
    this.#parts.push(payload.slice());
    if (!last) return;
    this.#onMessage(concat(this.#parts.splice(0)));
  }
}
