/** The socket that a runtime listens on, behind the runtime's back. */
import { Buffer } from "node:buffer";
import { LISTENER_SOCKET_NUMBERS } from "../../limits.ts";
import type { ListenOptions } from "../../transport/listener.ts";
import type { Libc } from "./libc.ts";
import { setNonBlocking } from "./pipe.ts";
import { POLLIN, POLLNVAL } from "./platform.ts";

const addressBytes = 128;
/** Where requests go that nobody reads. */
const scratch = new Uint8Array(16 * 1024);
const SHUT_WR = 1;

/** A listening socket, found by where it listens. It stays the runtime's. */
export class ListeningSocket {
  readonly #libc: Libc;
  readonly #descriptor: number;

  private constructor(libc: Libc, descriptor: number) {
    this.#libc = libc;
    this.#descriptor = descriptor;
  }

  /** Undefined where this program has none there. */
  static find(libc: Libc, where: ListenOptions): ListeningSocket | undefined {
    for (let descriptor = 0; descriptor < LISTENER_SOCKET_NUMBERS; descriptor++) {
      if (listensAt(libc, descriptor, where)) return new ListeningSocket(libc, descriptor);
    }
  }

  /** Whether a connection waits to be accepted; undefined once the socket is closed. */
  get waits(): boolean | undefined {
    const pollfds = new Int32Array([this.#descriptor, POLLIN]);
    this.#libc.c.poll(new Uint8Array(pollfds.buffer), 1, 0);
    const events = pollfds[1]! >>> 16;
    return events & POLLNVAL ? undefined : (events & POLLIN) !== 0;
  }

  /** Another descriptor of the socket, the caller's to close; negative where there is none. */
  duplicate(): number {
    const { c, platform } = this.#libc;
    return c.fcntl(this.#descriptor, platform.F_DUPFD_CLOEXEC, 0);
  }

  /**
   * Takes a connection that waits and ends it with an answer; false where there is no descriptor for it, or nobody waits.
   */
  refuseOne(answer: Uint8Array): boolean {
    const { c } = this.#libc;
    const length = new Uint8Array(new Int32Array([addressBytes]).buffer);
    const connection = c.accept(this.#descriptor, new Uint8Array(addressBytes), length);
    if (connection < 0) return false;
    setNonBlocking(this.#libc, connection);
    // What has come is read, or the end of the connection would take the answer with it.
    c.read(connection, scratch, scratch.length);
    c.write(connection, answer, answer.length);
    c.shutdown(connection, SHUT_WR);
    c.close(connection);
    return true;
  }
}

function listensAt({ c, platform }: Libc, descriptor: number, where: ListenOptions): boolean {
  const accepts = new Int32Array(1);
  const length = new Int32Array([4]);
  const [acceptsBytes, lengthBytes] = [new Uint8Array(accepts.buffer), new Uint8Array(length.buffer)];
  const { SOL_SOCKET, SO_ACCEPTCONN } = platform;
  if (c.getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, acceptsBytes, lengthBytes) < 0) return false;
  if (accepts[0] === 0) return false;
  const address = Buffer.alloc(addressBytes);
  length[0] = addressBytes;
  if (c.getsockname(descriptor, address, lengthBytes) < 0) return false;
  // Behind the family, a port stands in the order of the network, and a path ends with a NUL.
  if ("port" in where) return address.readUInt16BE(2) === where.port;
  return address.toString("utf8", 2, address.indexOf(0, 2)) === where.path;
}
