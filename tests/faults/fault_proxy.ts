/** A TCP proxy in front of a server that does to its connections what networks do. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { DelayLine } from "./delay_line.ts";

/** One proxied connection: the sockets to the client and to the server. */
interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** Bytes to the client after which it is cut. */
  bytesLeft: number;
  /** Nothing is passed on any more, and nobody is told. */
  dead: boolean;
  /** What is late on its way to either end. */
  readonly late: ReadonlyMap<Socket, DelayLine>;
}

/** What a socket's end looks like to its peer. */
export type CutKind = "close" | "reset";

export class FaultProxy implements AsyncDisposable {
  /** Where clients connect. */
  url = "";
  /** Connections that were accepted. */
  accepted = 0;
  /** Connections that were cut. */
  cuts = 0;
  /** Whether new connections are closed at once. */
  refusing = false;
  /** Milliseconds by which every chunk is late, in both directions. */
  delayMs = 0;
  /** Says for each new connection after how many bytes to the client it is cut: in the middle of a frame, mostly. */
  cutAfterBytes: () => number = () => Infinity;
  /** Sees what clients send; what it answers true for is swallowed together with everything after it. */
  swallows: (chunk: Uint8Array) => boolean = () => false;

  readonly #listener: Server;
  #target: URL;
  readonly #pairs = new Set<Pair>();
  #stalled = false;

  private constructor(target: URL) {
    this.#target = target;
    this.#listener = createServer((client) => this.#accept(client));
  }

  /** Begins to stand in front of a server, given by its `ws:` URL. */
  static async listen(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(target));
    proxy.#listener.listen(0, "127.0.0.1");
    await once(proxy.#listener, "listening");
    proxy.url = `ws://127.0.0.1:${(proxy.#listener.address() as AddressInfo).port}`;
    return proxy;
  }

  /** Another server for the connections to come. */
  set target(url: string) {
    this.#target = new URL(url);
  }

  /** Ends every connection, as both ends can see. */
  cut(kind: CutKind = "close"): void {
    for (const pair of [...this.#pairs]) this.#cut(pair, kind);
  }

  /** Lets every connection die without telling: both ends find it open, and nothing arrives any more. */
  halfOpen(): void {
    for (const pair of this.#pairs) pair.dead = true;
  }

  /** Passes nothing on, in either direction, until `resume`; nothing is lost. */
  stall(): void {
    this.#stalled = true;
    for (const { client, server } of this.#pairs) {
      client.pause();
      server.pause();
    }
  }

  /** Passes everything on again. */
  resume(): void {
    this.#stalled = false;
    for (const { client, server } of this.#pairs) {
      client.resume();
      server.resume();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    const closed = once(this.#listener, "close");
    this.#listener.close();
    await closed;
  }

  #accept(client: Socket): void {
    if (this.refusing) return void client.destroy();
    this.accepted++;
    const server = connect(Number(this.#target.port), this.#target.hostname);
    const late = new Map([client, server].map((to) => [to, new DelayLine((chunk) => void write(to, chunk))]));
    const pair: Pair = { client, server, bytesLeft: this.cutAfterBytes(), dead: false, late };
    this.#pairs.add(pair);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on("error", () => {}); // "close" follows.
      socket.on("close", () => {
        // Of a dead connection neither end hears anything, not even that the other one is gone.
        if (!pair.dead) this.#cut(pair, "close");
      });
    }
    client.on("data", (chunk: Uint8Array) => {
      if (this.swallows(chunk)) pair.dead = true;
      this.#pass(pair, client, server, chunk);
    });
    server.on("data", (chunk: Uint8Array) => {
      this.#pass(pair, server, client, chunk.subarray(0, pair.bytesLeft));
      pair.bytesLeft -= chunk.length;
      if (pair.bytesLeft > 0) return;
      this.cuts++;
      client.end(() => this.#cut(pair, "close"));
      server.destroy();
    });
    if (!this.#stalled) return;
    client.pause();
    server.pause();
  }

  #pass(pair: Pair, from: Socket, to: Socket, chunk: Uint8Array): void {
    if (pair.dead) return;
    const late = pair.late.get(to)!;
    if (this.delayMs > 0 || !late.isEmpty) {
      late.push(chunk, this.delayMs);
    } else if (!to.write(chunk)) {
      from.pause();
      to.once("drain", () => this.#stalled || from.resume());
    }
  }

  #cut(pair: Pair, kind: CutKind): void {
    if (!this.#pairs.delete(pair)) return;
    for (const socket of [pair.client, pair.server]) {
      if (kind === "reset") socket.resetAndDestroy();
      else socket.destroy();
    }
  }
}

function write(socket: Socket, chunk: Uint8Array): void {
  if (!socket.destroyed) socket.write(chunk);
}
