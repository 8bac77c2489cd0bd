/** A way to a server that lets only so many bytes through to it, and then nothing until it is cut. */
export class StallingProxy implements AsyncDisposable {
  readonly url: string;
  /** Resolves when as many bytes have gone to the server as may, and the next ones wait. */
  readonly stalled: Promise<void>;
  readonly #listener: Deno.TcpListener;
  readonly #connections = new Set<Deno.TcpConn>();
  #left: number;
  #stalled = Promise.withResolvers<void>();
  readonly #running: Promise<void>;

  private constructor(server: URL, bytes: number) {
    this.#left = bytes;
    this.stalled = this.#stalled.promise;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.url = `ws://127.0.0.1:${this.#listener.addr.port}`;
    this.#running = this.#accept(server);
  }

  /** @param bytes how many go through to the server; once it was cut, any number */
  static start(url: string, bytes: number): Promise<StallingProxy> {
    return Promise.resolve(new StallingProxy(new URL(url), bytes));
  }

  /** Ends every connection; those that come are let through. */
  cut(): void {
    this.#left = Infinity;
    for (const connection of this.#connections) close(connection);
    this.#connections.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await this.#running;
  }

  async #accept(server: URL): Promise<void> {
    const all: Promise<void>[] = [];
    try {
      for await (const client of this.#listener) {
        const behind = await Deno.connect({ hostname: server.hostname, port: Number(server.port) });
        for (const connection of [client, behind]) this.#connections.add(connection);
        all.push(this.#pass(client, behind, (bytes) => this.#mayPass(bytes)), this.#pass(behind, client));
      }
    } catch {
      // It is closed.
    }
    await Promise.all(all);
  }

  #mayPass(bytes: number): boolean {
    this.#left -= bytes;
    if (this.#left > 0) return true;
    this.#stalled.resolve();
    return false;
  }

  async #pass(
    from: Deno.TcpConn,
    to: Deno.TcpConn,
    may: (bytes: number) => boolean = () => true,
  ): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let read = await from.read(buffer); read !== null; read = await from.read(buffer)) {
        if (!may(read)) return;
        for (let at = 0; at < read;) at += await to.write(buffer.subarray(at, read));
      }
    } catch {
      // It was cut.
    }
    close(from);
    close(to);
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It was closed before.
  }
}
