import { Buffer } from "node:buffer";
import { RpcError } from "../../src/protocol/errors.ts";
import { framesOf, fromFrame, toFrame } from "./wire_frames.ts";

/** A frame as it stands on the wire. */
export interface Frame {
  readonly fin: boolean;
  readonly opcode: number;
  readonly payload: Uint8Array;
}

/** The frame kinds of RFC 6455. */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A message of the server. */
export interface WireMessage {
  readonly id?: number | string;
  readonly method?: string;
  // deno-lint-ignore no-explicit-any
  readonly params?: any;
  // deno-lint-ignore no-explicit-any
  readonly result?: any;
  readonly error?: { readonly code: number; readonly message: string };
}

/** How to connect. */
export interface WireOptions {
  /** Further header lines of the upgrade request. */
  headers?: Record<string, string>;
  /** Whether pings are answered; true by default. */
  answersPings?: boolean;
  /** Whether what holds bytes goes as binary frames after the handshake; as the run of the tests says by default. */
  usesFrames?: boolean;
  /** Whether a close frame of the server ends the connection; true by default. */
  obeysClose?: boolean;
}

/** How a frame differs from a whole, masked text message. */
export interface FrameOptions {
  opcode?: number;
  fin?: boolean;
  masked?: boolean;
  /** The three reserved bits, as a number from 0 to 7. */
  reserved?: number;
}

/**
 * A WebSocket client made by hand on a TCP connection. It can say what a library would not, it can really stop reading
 * (then the kernel's buffers fill), and it can be cut in the middle of a frame.
 */
export class Wire implements Disposable {
  /** Resolves when the connection is over, by whichever side. */
  readonly closed: Promise<void>;
  /** Called with every notification; where it is set, notifications are not kept for {@linkcode next}. */
  onNotification: ((message: WireMessage) => void) | undefined;
  /** Called with every frame, before anything else happens with it. */
  onFrame: ((frame: Frame) => void) | undefined;

  readonly #conn: Deno.Conn;
  readonly #closed = Promise.withResolvers<void>();
  readonly #options: WireOptions;
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #inbox: WireMessage[] = [];
  #changed = Promise.withResolvers<void>();
  #resumed: PromiseWithResolvers<void> | undefined;
  #sending: Promise<unknown> = Promise.resolve();
  #callNumber = 0;
  #over = false;
  #rest: Buffer = Buffer.alloc(0);
  #fragments: Uint8Array[] = [];
  #usesFrames = false;

  private constructor(conn: Deno.Conn, options: WireOptions) {
    this.#conn = conn;
    this.#options = options;
    this.closed = this.#closed.promise;
  }

  /** Connects and upgrades. @throws {Error} with the HTTP status where the server refuses */
  static async open(url: string, options: WireOptions = {}): Promise<Wire> {
    const { hostname, port, pathname } = new URL(url);
    const conn = await Deno.connect({ hostname, port: Number(port) });
    conn.setNoDelay(true);
    const wire = new Wire(conn, options);
    const lines = Object.entries(options.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
    await wire.write(Buffer.from(
      `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${btoa("0123456789abcdef")}\r\nSec-WebSocket-Version: 13\r\n${
          lines.join("")
        }\r\n`,
    ));
    let end = -1;
    while ((end = wire.#rest.indexOf("\r\n\r\n")) < 0) {
      if (!await wire.#readMore()) throw new Error(`The server closed before it answered the upgrade`);
    }
    const head = wire.#rest.subarray(0, end).toString();
    if (!head.startsWith("HTTP/1.1 101")) {
      wire.cut();
      throw new Error(`The server refused the upgrade: ${head.split("\r\n")[0]}`);
    }
    wire.#rest = wire.#rest.subarray(end + 4);
    void wire.#pump();
    return wire;
  }

  /** Sends a message: as JSON, unless it is a request that holds bytes, and these go as they are. */
  send(message: unknown): Promise<void> {
    const frame = this.#usesFrames ? toFrame(message as WireMessage) : undefined;
    if (frame) return this.sendFrame(frame, { opcode: opcodes.binary });
    return this.sendFrame(JSON.stringify(message));
  }

  /** Sends one frame; a whole text message unless told otherwise. */
  sendFrame(payload: string | Uint8Array, options: FrameOptions = {}): Promise<void> {
    const { opcode = opcodes.text, fin = true, masked = true, reserved = 0 } = options;
    return this.write(encodeFrame(Buffer.from(payload as Uint8Array), { opcode, fin, masked, reserved }));
  }

  /** Writes bytes as they are. Resolves when the kernel took them; a lost connection is nobody's error here. */
  write(bytes: Uint8Array): Promise<void> {
    const written = this.#sending.then(async () => {
      for (let at = 0; at < bytes.length && !this.#over;) at += await this.#conn.write(bytes.subarray(at));
    });
    return this.#sending = written.catch(() => {});
  }

  /** Sends a request and waits for its answer. @throws {RpcError} the refusal, or an Error when the connection ends */
  // deno-lint-ignore no-explicit-any
  request(method: string, params?: unknown): Promise<any> {
    const id = ++this.#callNumber;
    const call = Promise.withResolvers<unknown>();
    call.promise.catch(() => {}); // Whoever does not wait for the answer does not mind its absence either.
    if (this.#over) call.reject(new Error("The connection is over"));
    else this.#calls.set(id, call);
    this.send({ id, method, params });
    return call.promise;
  }

  /** Does the handshake. Returns the session's id. */
  async initialize(resumeSessionId?: string, clientName = "wire"): Promise<string> {
    const answer = await this.request("initialize", { clientName, resumeSessionId });
    await this.send({ method: "initialized", params: {} });
    const { usesFrames = framesOf === "wire" } = this.#options;
    if (usesFrames && answer.environmentInfo.capabilities.binaryFrames) await this.useFrames();
    return answer.sessionId;
  }

  /** Lets what holds bytes go as binary frames from now on. */
  async useFrames(): Promise<void> {
    await this.request("connection/useBinaryFrames");
    this.#usesFrames = true;
  }

  /** The first message not taken yet that fits. @throws {Error} when the connection ends before one came */
  async next(fits: (message: WireMessage) => boolean = () => true): Promise<WireMessage> {
    for (;;) {
      const index = this.#inbox.findIndex(fits);
      if (index >= 0) return this.#inbox.splice(index, 1)[0]!;
      if (this.#over) throw new Error("The connection ended before the message came");
      await this.#changed.promise;
    }
  }

  /** Stops reading. One read that has begun still ends, but nothing is done with what it brought. */
  pause(): void {
    this.#resumed ??= Promise.withResolvers();
  }

  /** Reads on. */
  resume(): void {
    this.#resumed?.resolve();
    this.#resumed = undefined;
  }

  /** Ends the TCP connection without a word; what has not been read is lost. */
  cut(): void {
    if (this.#over) return;
    this.#over = true;
    this.resume();
    try {
      this.#conn.close();
    } catch {
      // It is closed already.
    }
    for (const call of this.#calls.values()) call.reject(new Error("The connection is over"));
    this.#calls.clear();
    this.#wake();
    this.#closed.resolve();
  }

  [Symbol.dispose](): void {
    this.cut();
  }

  async #pump(): Promise<void> {
    try {
      do {
        for (let frame = this.#takeFrame(); frame; frame = this.#takeFrame()) {
          while (this.#resumed) await this.#resumed.promise;
          if (this.#over) return;
          this.#receive(frame);
        }
        while (this.#resumed) await this.#resumed.promise;
      } while (!this.#over && await this.#readMore());
    } finally {
      this.cut();
    }
  }

  async #readMore(): Promise<boolean> {
    const buffer = Buffer.allocUnsafe(256 * 1024);
    const count = await this.#conn.read(buffer).catch(() => null);
    if (count === null) return false;
    const bytes = buffer.subarray(0, count);
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    return true;
  }

  #takeFrame(): Frame | undefined {
    const bytes = this.#rest;
    if (bytes.length < 2) return undefined;
    const short = bytes[1]! & 0x7f;
    const head = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (bytes.length < head) return undefined;
    const length = short === 127
      ? Number(bytes.readBigUInt64BE(2))
      : short === 126
      ? bytes.readUInt16BE(2)
      : short;
    if (bytes.length < head + length) return undefined;
    this.#rest = bytes.subarray(head + length);
    return { fin: bytes[0]! >= 0x80, opcode: bytes[0]! & 0x0f, payload: bytes.subarray(head, head + length) };
  }

  #receive(frame: Frame): void {
    this.onFrame?.(frame);
    switch (frame.opcode) {
      case opcodes.ping:
        if (this.#options.answersPings ?? true) this.sendFrame(frame.payload, { opcode: opcodes.pong });
        return;
      case opcodes.close:
        return this.#options.obeysClose ?? true ? this.cut() : undefined;
      case opcodes.binary:
        if (!frame.fin) throw new Error("A server's frame comes in one piece");
        return this.#dispatch(fromFrame(frame.payload));
      case opcodes.text:
      case opcodes.continuation:
        this.#fragments.push(frame.payload);
        if (!frame.fin) return;
        this.#dispatch(JSON.parse(Buffer.concat(this.#fragments.splice(0)).toString()));
    }
  }

  #dispatch(message: WireMessage): void {
    const call = typeof message.id === "number" ? this.#calls.get(message.id) : undefined;
    if (call) {
      this.#calls.delete(message.id as number);
      const { error, result } = message;
      if (error) call.reject(new RpcError(error.code, error.message));
      else call.resolve(result);
    } else if (this.onNotification && message.method !== undefined) {
      this.onNotification(message);
    } else {
      this.#inbox.push(message);
      this.#wake();
    }
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

function encodeFrame(payload: Buffer, options: Required<FrameOptions>): Buffer {
  const { opcode, fin, masked, reserved } = options;
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  head[1] = (masked ? 0x80 : 0) | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat(masked ? [head, Buffer.alloc(4), payload] : [head, payload]);
}
