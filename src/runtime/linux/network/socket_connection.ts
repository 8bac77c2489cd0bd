/** A connection by its descriptor. */
import { constants } from "node:os";
import { NETWORK_AT_ONCE, NETWORK_READ_BYTES } from "../../../limits.ts";
import type { NetworkConnection } from "../../../host/network.ts";
import type { Native } from "../../posix/native.ts";
import { POLLIN, POLLOUT } from "../../posix/platform.ts";
import { unaskedEvents, type Watch } from "../../posix/poller.ts";
import { systemError } from "../../posix/system_error.ts";
import { splice } from "./splice.ts";

const { EAGAIN, EINTR } = constants.errno;
const [SHUT_WR, SHUT_RDWR] = [1, 2];
const [IPPROTO_TCP, TCP_NODELAY] = [6, 1];
const switchedOn = new Uint8Array(new Int32Array([1]).buffer);
const [SO_ERROR, SO_LINGER] = [4, 13];
/** On, and without waiting: what is not sent is thrown away, and the other end is told. */
const lingerNot = new Uint8Array(new Int32Array([1, 0]).buffer);

/** Where everything is read to; the bytes are copied out before anybody else can run. Whoever waits takes none. */
const scratch = new Uint8Array(NETWORK_READ_BYTES);

/** Reads and writes a socket, each while somebody asks for it. */
export class SocketConnection implements NetworkConnection {
  readonly peer: string;
  readonly native: Native;
  readonly descriptor: number;
  readonly #watch: Watch;
  readonly #waits = new Map<number, PromiseWithResolvers<void>>();
  #isClosed = false;
  /** Calls that may follow one another before others have a turn. */
  #atOnce = NETWORK_AT_ONCE;

  /** @param descriptor a socket that does not block, this object's to close from now on */
  constructor(native: Native, descriptor: number, peer: string) {
    this.native = native;
    this.descriptor = descriptor;
    this.peer = peer;
    // What is little would wait for the other end to have confirmed what came before.
    const { c } = native.libc;
    c.setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, switchedOn, switchedOn.length);
    this.#watch = native.poller.watch(descriptor, (events) => this.#look(events));
  }

  /**
   * Waits until it is connected.
   *
   * @throws {Error} with `code`, such as `"ECONNREFUSED"`; it is closed then
   */
  async connected(signal: AbortSignal): Promise<void> {
    const giveUp = () => this.destroy();
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      await this.until("write");
      const { c } = this.native.libc;
      const [value, length] = [new Int32Array(1), new Int32Array([4])];
      const bytes = new Uint8Array(value.buffer);
      c.getsockopt(this.descriptor, 1, SO_ERROR, bytes, new Uint8Array(length.buffer));
      if (value[0] !== 0) throw systemError("connect", value[0]!);
    } catch (error) {
      this.destroy();
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  async read(): Promise<Uint8Array | null> {
    const { c, errno } = this.native.libc;
    for (;;) {
      if (this.mayGoOn()) {
        const count = c.read(this.descriptor, scratch, scratch.length);
        if (count === 0) return null;
        if (count > 0) return scratch.slice(0, count);
        if (![EAGAIN, EINTR].includes(errno())) throw systemError("read", errno());
      }
      await this.until("read");
    }
  }

  write(bytes: Uint8Array): Promise<void> | void {
    this.#check();
    const rest = this.#send(bytes);
    if (rest.length > 0) return this.#writeOn(rest);
  }

  end(): void {
    if (!this.#isClosed) this.native.libc.c.shutdown(this.descriptor, SHUT_WR);
  }

  pipeTo(target: NetworkConnection, bytes: number): Promise<number> {
    return target instanceof SocketConnection ? splice(this, target, bytes) : Promise.resolve(0);
  }

  destroy(how?: "reset"): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { c, platform } = this.native.libc;
    const { SOL_SOCKET } = platform;
    if (how === "reset") c.setsockopt(this.descriptor, SOL_SOCKET, SO_LINGER, lingerNot, lingerNot.length);
    else c.shutdown(this.descriptor, SHUT_RDWR);
    for (const wait of this.#waits.values()) wait.reject(closed());
    this.#waits.clear();
    this.#watch.close();
  }

  /** Whether another call may be made before others have a turn: what waits is waited for in any case. */
  mayGoOn(): boolean {
    this.#check();
    return this.#atOnce-- > 0;
  }

  /** Waits until there is something to read, or room to write. Throws when it is closed meanwhile. */
  until(what: "read" | "write"): Promise<void> {
    this.#check();
    const events = what === "read" ? POLLIN : POLLOUT;
    const wait = this.#waits.get(events) ?? Promise.withResolvers<void>();
    this.#waits.set(events, wait);
    this.#watch.want(events);
    return wait.promise;
  }

  #look(events: number): void {
    this.#atOnce = NETWORK_AT_ONCE;
    for (const [wanted, wait] of [...this.#waits]) {
      if ((events & (wanted | unaskedEvents)) === 0) continue;
      this.#waits.delete(wanted);
      this.#watch.unwant(wanted);
      wait.resolve();
    }
  }

  async #writeOn(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0; rest = this.#send(rest)) await this.until("write");
  }

  /** @returns what the kernel has no room for yet */
  #send(bytes: Uint8Array): Uint8Array {
    const { c, errno } = this.native.libc;
    let rest = bytes;
    while (rest.length > 0) {
      const count = c.write(this.descriptor, rest, rest.length);
      if (count >= 0) rest = rest.subarray(count);
      else if (errno() === EAGAIN) break;
      else if (errno() !== EINTR) throw systemError("write", errno());
    }
    return rest;
  }

  #check(): void {
    if (this.#isClosed) throw closed();
  }
}

function closed(): Error {
  return new Error("the connection is closed");
}
