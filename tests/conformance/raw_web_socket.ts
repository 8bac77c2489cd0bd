/** A WebSocket client straight on TCP: it can send odd frames, sees control frames, and keeps what it received. */
import { concat } from "@std/bytes/concat";
import { ByteReader } from "./byte_reader.ts";
import { parseExactJson } from "./exact_json.ts";
import { encodeFrame, type Frame, type FrameOptions, Opcode, readFrame } from "./frame.ts";

const handshakeTimeout = 5000;

/** How the upgrade is asked for. */
export interface UpgradeOptions {
  /** Path and query instead of those of the URL. */
  path?: string;
  /** Added to, or instead of, the usual ones; an empty value takes a header away. */
  headers?: Record<string, string>;
}

/** A received message and the time it came, by `performance.now()`. */
export interface ReceivedMessage {
  value: unknown;
  at: number;
}

export class RawWebSocket {
  /** HTTP status of the answer: 101 when the socket is open. */
  status = 0;
  /** Body of a refusal. */
  body = "";
  /** Messages nobody has taken yet, in order of arrival. */
  readonly messages: ReceivedMessage[] = [];
  /** Control frames in order of arrival. */
  readonly controlFrames: { op: number; text: string }[] = [];
  /** When the last frame of a step went out, by `performance.now()`. */
  lastSend = 0;
  /** True once the server has sent a close frame or the TCP connection has ended. */
  closed = false;

  readonly #connection: Deno.TcpConn;
  readonly #reader: ByteReader;
  #fragments: Uint8Array[] = [];
  #written: Promise<void> = Promise.resolve();
  #changed = Promise.withResolvers<void>();
  #receiving: Promise<void> | undefined;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    this.#reader = new ByteReader(connection);
  }

  /** Connects and asks for the upgrade. A refusal is no error: look at `status`. */
  static async connect(url: string, options: UpgradeOptions = {}): Promise<RawWebSocket> {
    const { host, hostname, port, pathname, search } = new URL(url);
    const connection = await Deno.connect({ hostname, port: Number(port) });
    connection.setNoDelay(true);
    const socket = new RawWebSocket(connection);
    const timer = setTimeout(() => socket.#closeConnection(), handshakeTimeout);
    try {
      const headers = {
        Host: host,
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": btoa("conformance-key!"),
        ...options.headers,
      };
      const lines = Object.entries(headers).filter(([, value]) => value !== "");
      const request = [
        `GET ${options.path ?? pathname + search} HTTP/1.1`,
        ...lines.map(([name, value]) => `${name}: ${value}`),
      ];
      await socket.#write(new TextEncoder().encode(request.join("\r\n") + "\r\n\r\n"));
      await socket.#readAnswer();
    } catch (cause) {
      socket.#closeConnection();
      throw new Error("The server gave no complete HTTP answer to the upgrade request", { cause });
    } finally {
      clearTimeout(timer);
    }
    return socket;
  }

  /** Looks now and after each arrival, until something is found; undefined when the time is over. */
  async until<T>(look: () => T | undefined, milliseconds: number): Promise<T | undefined> {
    const end = performance.now() + milliseconds;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      const left = end - performance.now();
      if (left <= 0) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, left);
      await Promise.race([this.#changed.promise, promise]);
      clearTimeout(timer);
    }
  }

  /** Sends a text message in one frame. */
  async sendText(text: string): Promise<void> {
    await this.sendFrames([{ payload: new TextEncoder().encode(text) }]);
  }

  /** Sends frames as they are asked for. A connection that the server has closed is no error here. */
  async sendFrames(frames: (FrameOptions & { payload: Uint8Array })[]): Promise<void> {
    this.lastSend = performance.now();
    for (const { payload, ...options } of frames) {
      await this.#write(encodeFrame(payload, options)).catch(() => {});
    }
  }

  /** Cuts the TCP connection, without a close frame. */
  async drop(): Promise<void> {
    this.#closeConnection();
    await this.#receiving;
  }

  async #readAnswer(): Promise<void> {
    const head = await this.#reader.head();
    this.status = Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]);
    if (this.status === 101) {
      this.#receiving = this.#receive();
      return;
    }
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    this.body = new TextDecoder().decode(await this.#reader.exactly(length));
    this.#closeConnection();
  }

  async #receive(): Promise<void> {
    try {
      for (;;) this.#accept(await readFrame(this.#reader));
    } catch {
      // The connection has ended, from either side.
    }
    this.#closeConnection();
  }

  #accept({ opcode, final, payload }: Frame): void {
    if (opcode >= Opcode.close) {
      this.controlFrames.push({ op: opcode, text: new TextDecoder().decode(payload) });
      if (opcode === Opcode.close) this.closed = true;
      if (opcode === Opcode.ping) this.#write(encodeFrame(payload, { opcode: Opcode.pong })).catch(() => {});
    } else {
      this.#fragments.push(payload);
      if (!final) return;
      const text = new TextDecoder().decode(concat(this.#fragments));
      this.#fragments = [];
      this.messages.push({ value: parseExactJson(text), at: performance.now() });
    }
    this.#wake();
  }

  /** Writes follow each other: a pong must not land in the middle of a large frame. */
  #write(bytes: Uint8Array): Promise<void> {
    const written = this.#written.then(async () => {
      for (let sent = 0; sent < bytes.length;) sent += await this.#connection.write(bytes.subarray(sent));
    });
    this.#written = written.catch(() => {});
    return written;
  }

  #closeConnection(): void {
    try {
      this.#connection.close();
    } catch {
      // It is closed already.
    }
    this.closed = true;
    this.#wake();
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}
