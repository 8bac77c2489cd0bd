/**
 * A WebSocket client that costs as little as possible, so that a measurement is the server's: output notifications are
 * counted, not decoded.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A message that is not output. */
export interface RawMessage {
  id?: number;
  method?: string;
  // deno-lint-ignore no-explicit-any -- whatever a server answers
  [member: string]: any;
}

/** Output notifications of the reference begin like this, and so do ours. */
const outputPrefix = encoder.encode('{"method":"process/output"');

export class RawClient {
  /** Bytes of output messages so far, as they came over the wire. */
  outputBytes = 0;
  outputFrames = 0;

  readonly #connection: Deno.TcpConn;
  readonly #answers = new Map<number, (message: RawMessage) => void>();
  readonly #closes = new Map<string, () => void>();
  #callNumber = 0;
  #buffer = new Uint8Array(4 << 20);
  #start = 0;
  #end = 0;
  #parts: Uint8Array[] = [];

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Connects and begins a session, or resumes one. */
  static async open(url: string, resumeSessionId?: string): Promise<RawClient & { sessionId: string }> {
    const { hostname, port } = new URL(url);
    const connection = await Deno.connect({ hostname, port: Number(port) });
    connection.setNoDelay(true);
    const client = new RawClient(connection);
    const head =
      `GET / HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${btoa("0123456789abcdef")}\r\n\r\n`;
    await connection.write(encoder.encode(head));
    await client.#readHead();
    client.#read();
    const { result } = await client.call("initialize", { clientName: "bench", resumeSessionId });
    client.#send('{"method":"initialized"}');
    return Object.assign(client, { sessionId: result.sessionId as string });
  }

  /** Calls a method. @throws {Error} with the server's message */
  async call(method: string, params: unknown): Promise<RawMessage> {
    const id = ++this.#callNumber;
    const answer = new Promise<RawMessage>((resolve) => this.#answers.set(id, resolve));
    this.#send(JSON.stringify({ id, method, params }));
    const message = await answer;
    if (message.error) throw new Error(`${method}: ${message.error.message}`);
    return message;
  }

  /** Resolves when a process has closed. */
  closed(processId: string): Promise<void> {
    return new Promise((resolve) => this.#closes.set(processId, resolve));
  }

  /** Starts a process. @returns when it has closed */
  async start(processId: string, argv: string[], rest: object = {}): Promise<{ closed: Promise<void> }> {
    const closed = this.closed(processId);
    const env = { PATH: "/usr/bin:/bin" };
    await this.call("process/start", { processId, argv, cwd: "file:///tmp", env, tty: false, ...rest });
    return { closed };
  }

  /** Cuts the connection. */
  close(): void {
    try {
      this.#connection.close();
    } catch {
      // It is closed.
    }
  }

  #send(text: string, opcode = 1): Promise<void> {
    const payload = encoder.encode(text);
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
      await this.#fill();
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
    if (this.#end === this.#buffer.length) {
      const larger = new Uint8Array(this.#buffer.length * 2);
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    const count = await this.#connection.read(this.#buffer.subarray(this.#end)).catch(() => null);
    if (count === null) return false;
    this.#end += count;
    return true;
  }

  async #read(): Promise<void> {
    do {
      while (this.#frame());
    } while (await this.#fill());
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
    if (opcode === 9) this.#send(decoder.decode(payload), 10);
    if (opcode > 2) return true;
    if (first & 128 && this.#parts.length === 0) this.#message(payload);
    else this.#fragment(payload, (first & 128) !== 0);
    return true;
  }

  #fragment(payload: Uint8Array, last: boolean): void {
    this.#parts.push(payload.slice());
    if (!last) return;
    const all = new Uint8Array(this.#parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.#parts.splice(0)) {
      all.set(part, at);
      at += part.length;
    }
    this.#message(all);
  }

  #message(payload: Uint8Array): void {
    if (outputPrefix.every((byte, i) => payload[i] === byte)) {
      this.outputBytes += payload.length;
      this.outputFrames++;
      return;
    }
    const message: RawMessage = JSON.parse(decoder.decode(payload));
    if (message.id !== undefined) {
      this.#answers.get(message.id)?.(message);
      this.#answers.delete(message.id);
    } else if (message.method === "process/closed") {
      const { processId } = message.params;
      this.#closes.get(processId)?.();
      this.#closes.delete(processId);
    }
  }
}
