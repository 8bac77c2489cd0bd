/** TCP by what every runtime has. */
import { connect as connectSocket, createServer, type Socket } from "node:net";
import type { Network, NetworkConnection } from "../host/network.ts";

/** TCP through `node:net`. */
export const plainNetwork: Network = {
  async listen(onConnection) {
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
      onConnection(new PlainConnection(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    // Such as no descriptors for whoever wants to connect: it tries again.
    server.on("error", () => {});
    server.unref();
    return { port: (server.address() as { port: number }).port, close: () => void server.close() };
  },

  connect(address, port, signal) {
    signal.throwIfAborted();
    const socket = connectSocket({ host: address, port, allowHalfOpen: true, noDelay: true });
    return new Promise((resolve, reject) => {
      const giveUp = () => socket.destroy(signal.reason);
      signal.addEventListener("abort", giveUp, { once: true });
      socket.once("error", reject);
      socket.once("connect", () => {
        signal.removeEventListener("abort", giveUp);
        socket.off("error", reject);
        resolve(new PlainConnection(socket));
      });
    });
  },
};

/** One connection of `node:net`. */
export class PlainConnection implements NetworkConnection {
  readonly peer: string;
  readonly #socket: Socket;
  #isEnded = false;
  #failure: Error | undefined;
  /** Called by whatever happens to the socket. */
  #wake: (() => void)[] = [];

  /** @param socket one that does not read yet, and stays open for writing when the other end has ended */
  constructor(socket: Socket) {
    this.#socket = socket;
    this.peer = `${socket.remoteAddress}:${socket.remotePort}`;
    const wake = () => {
      for (const resolve of this.#wake.splice(0)) resolve();
    };
    socket.on("readable", wake);
    socket.on("drain", wake);
    socket.on("end", () => {
      this.#isEnded = true;
      wake();
    });
    socket.on("error", (error) => {
      this.#failure ??= error;
      wake();
    });
    socket.on("close", wake);
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      const bytes: Uint8Array | null = this.#socket.read();
      if (bytes) return bytes;
      if (this.#isEnded) return null;
      await this.#event();
    }
  }

  write(bytes: Uint8Array): Promise<void> | void {
    this.#check();
    if (this.#socket.write(bytes)) return;
    return this.#drained();
  }

  end(): void {
    if (!this.#socket.destroyed) this.#socket.end();
  }

  destroy(how?: "reset"): void {
    if (how === "reset") this.#socket.resetAndDestroy();
    else if (this.#socket.writableEnded && !this.#socket.writableFinished && !this.#failure) {
      // What was written goes before the end, as it does where the kernel has it already.
      this.#socket.once("finish", () => this.#socket.destroy());
    } else this.#socket.destroy();
  }

  async #drained(): Promise<void> {
    while (this.#socket.writableNeedDrain) await this.#event();
  }

  async #event(): Promise<void> {
    this.#check();
    await new Promise<void>((resolve) => this.#wake.push(resolve));
    this.#check();
  }

  #check(): void {
    if (this.#failure) throw this.#failure;
    if (this.#socket.destroyed && !this.#isEnded) throw new Error("the connection is closed");
    if (this.#socket.destroyed && this.#isEnded && this.#socket.writableNeedDrain) {
      throw new Error("the connection is closed");
    }
  }
}
