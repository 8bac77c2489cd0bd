/** TCP through the C library. */
import { constants } from "node:os";
import { isIPv4 } from "node:net";
import type { Network, NetworkConnection } from "../../../host/network.ts";
import type { Native } from "../../posix/native.ts";
import { systemError } from "../../posix/system_error.ts";
import { addressBytes, AF_INET, AF_INET6, readSocketAddress, socketAddress } from "./socket_address.ts";
import { SocketConnection } from "./socket_connection.ts";
import { SocketListener } from "./socket_listener.ts";

/** A stream that no child inherits and that does not block. */
const socketKind = 1 | 0x80000 | 0x800;
const { EINPROGRESS } = constants.errno;
const waitingConnections = 512;

/** TCP of a runtime that calls the C library. */
export class SocketNetwork implements Network {
  readonly #native: Native;

  constructor(native: Native) {
    this.#native = native;
  }

  // deno-lint-ignore require-await -- what it throws is a rejection
  async listen(onConnection: (connection: NetworkConnection) => void): Promise<SocketListener> {
    const { c, errno } = this.#native.libc;
    const descriptor = this.#open(AF_INET);
    const address = socketAddress("127.0.0.1", 0);
    const length = new Uint8Array(new Int32Array([addressBytes]).buffer);
    const bound = new Uint8Array(addressBytes);
    const isListening = c.bind(descriptor, address, address.length) === 0 &&
      c.listen(descriptor, waitingConnections) === 0 && c.getsockname(descriptor, bound, length) === 0;
    if (isListening) {
      return new SocketListener(this.#native, descriptor, onConnection, readSocketAddress(bound)!.port);
    }
    const failure = systemError("listen", errno());
    c.close(descriptor);
    throw failure;
  }

  async connect(address: string, port: number, signal: AbortSignal): Promise<NetworkConnection> {
    signal.throwIfAborted();
    const { c, errno } = this.#native.libc;
    const descriptor = this.#open(isIPv4(address) ? AF_INET : AF_INET6);
    const bytes = socketAddress(address, port);
    if (c.connect(descriptor, bytes, bytes.length) < 0 && errno() !== EINPROGRESS) {
      const failure = systemError("connect", errno());
      c.close(descriptor);
      throw failure;
    }
    const connection = new SocketConnection(this.#native, descriptor, `${address}:${port}`);
    await connection.connected(signal);
    return connection;
  }

  #open(family: number): number {
    const { c, errno } = this.#native.libc;
    const descriptor = c.socket(family, socketKind, 0);
    if (descriptor < 0) throw systemError("socket", errno());
    return descriptor;
  }
}
