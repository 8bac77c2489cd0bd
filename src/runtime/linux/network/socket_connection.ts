/** A connection by its descriptor. */
import { constants } from "node:os";
import { NETWORK_READ_BYTES } from "../../../limits.ts";
import type { NetworkConnection } from "../../../host/network.ts";
import type { Native } from "../../posix/native.ts";
import { POLLIN, POLLOUT } from "../../posix/platform.ts";
import type { Watch } from "../../posix/poller.ts";
import { systemError } from "../../posix/system_error.ts";

const { EAGAIN, EINTR } = constants.errno;
const [SHUT_WR, SHUT_RDWR] = [1, 2];
const SO_LINGER = 13;
/** On, and without waiting: what is not sent is thrown away, and the other end is told. */
const lingerNot = new Uint8Array(new Int32Array([1, 0]).buffer);

/** Bytes below which what was read is copied, so that a little of it keeps no large buffer. */
const copiedBytes = 4_096;

/** Reads and writes a socket, each while somebody asks for it. */
export class SocketConnection implements NetworkConnection {
  readonly peer: string;
  readonly descriptor: number;
  readonly #native: Native;
  readonly #watch: Watch;
  #reader: PromiseWithResolvers<Uint8Array | null> | undefined;
  #writer: { rest: Uint8Array; promise: PromiseWithResolvers<void> } | undefined;
  #isClosed = false;

  /** @param descriptor a connected socket that does not block, this object's to close from now on */
  constructor(native: Native, descriptor: number, peer: string) {
    this.#native = native;
    this.descriptor = descriptor;
    this.peer = peer;
    this.#watch = native.poller.watch(descriptor, () => this.#look());
  }

  read(): Promise<Uint8Array | null> {
    if (this.#isClosed) return Promise.reject(closed());
    this.#reader = Promise.withResolvers();
    this.#watch.want(POLLIN);
    return this.#reader.promise;
  }

  write(bytes: Uint8Array): Promise<void> | void {
    if (this.#isClosed) throw closed();
    const rest = this.#send(bytes);
    if (rest.length === 0) return;
    this.#writer = { rest, promise: Promise.withResolvers() };
    this.#watch.want(POLLOUT);
    return this.#writer.promise.promise;
  }

  end(): void {
    if (!this.#isClosed) this.#native.libc.c.shutdown(this.descriptor, SHUT_WR);
  }

  destroy(how?: "reset"): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { c, platform } = this.#native.libc;
    if (how === "reset") {
      c.setsockopt(this.descriptor, platform.SOL_SOCKET, SO_LINGER, lingerNot, lingerNot.length);
    } else c.shutdown(this.descriptor, SHUT_RDWR);
    this.#reader?.reject(closed());
    this.#writer?.promise.reject(closed());
    this.#reader = this.#writer = undefined;
    this.#watch.close();
  }

  #look(): void {
    if (this.#reader) this.#receive();
    const writer = this.#writer;
    if (!writer) return;
    try {
      writer.rest = this.#send(writer.rest);
      if (writer.rest.length > 0) return;
      writer.promise.resolve();
    } catch (error) {
      writer.promise.reject(error);
    }
    this.#writer = undefined;
    if (!this.#isClosed) this.#watch.unwant(POLLOUT);
  }

  #receive(): void {
    const { c, errno } = this.#native.libc;
    const buffer = new Uint8Array(NETWORK_READ_BYTES);
    const count = c.read(this.descriptor, buffer, buffer.length);
    if (count < 0 && [EAGAIN, EINTR].includes(errno())) return;
    const reader = this.#reader!;
    this.#reader = undefined;
    this.#watch.unwant(POLLIN);
    if (count < 0) reader.reject(systemError("read", errno()));
    else if (count === 0) reader.resolve(null);
    else reader.resolve(count < copiedBytes ? buffer.slice(0, count) : buffer.subarray(0, count));
  }

  /** @returns what the kernel has no room for yet */
  #send(bytes: Uint8Array): Uint8Array {
    const { c, errno } = this.#native.libc;
    let rest = bytes;
    while (rest.length > 0) {
      const count = c.write(this.descriptor, rest, rest.length);
      if (count < 0) {
        if (errno() === EINTR) continue;
        if (errno() === EAGAIN) break;
        throw systemError("write", errno());
      }
      rest = rest.subarray(count);
    }
    return rest;
  }
}

function closed(): Error {
  return new Error("the connection is closed");
}
