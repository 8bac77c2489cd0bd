/** A program behind a proxy, by raw bytes. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** One connection to a proxy. */
export class ProxyClient {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #isEnded = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (bytes: Uint8Array) => this.#received = Buffer.concat([this.#received, bytes]));
    socket.on("end", () => this.#isEnded = true);
    socket.on("error", () => {});
    socket.on("close", () => this.#isEnded = true);
  }

  static async connect(port: number): Promise<ProxyClient> {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    await once(socket, "connect");
    return new ProxyClient(socket);
  }

  /** Sends text byte for byte, or bytes. */
  send(data: string | Uint8Array): this {
    this.socket.write(typeof data === "string" ? Buffer.from(data, "latin1") : data);
    return this;
  }

  /** Whatever has come once it matches, taken away up to the end of the match. */
  async expect(pattern: RegExp): Promise<string> {
    for (;;) {
      const text = this.#received.toString("latin1");
      const match = pattern.exec(text);
      if (match) {
        const end = match.index + match[0].length;
        this.#received = this.#received.subarray(end);
        return text.slice(0, end);
      }
      if (this.#isEnded) {
        throw new Error(`The connection ended behind ${JSON.stringify(text.slice(0, 1000))}`);
      }
      await this.#event();
    }
  }

  /** Takes so many bytes away once they have come. */
  async take(count: number): Promise<void> {
    for (let left = count;;) {
      const taken = Math.min(left, this.#received.length);
      this.#received = this.#received.subarray(taken);
      left -= taken;
      if (left === 0) return;
      if (this.#isEnded) throw new Error(`The connection ended ${left} bytes too early`);
      await this.#event();
    }
  }

  /** Everything up to the end of the connection. */
  async rest(): Promise<string> {
    while (!this.#isEnded) await this.#event();
    return this.#received.toString("latin1");
  }

  #event(): Promise<void> {
    return new Promise((resolve) => {
      const events = ["data", "end", "close", "error"];
      const done = () => {
        for (const event of events) this.socket.off(event, done);
        resolve();
      };
      for (const event of events) this.socket.on(event, done);
    });
  }
}
