/** A listening socket by its descriptor. */
import { constants } from "node:os";
import { setTimeout } from "node:timers";
import { NETWORK_ACCEPT_RETRY_MS } from "../../../limits.ts";
import type { NetworkConnection, NetworkListener } from "../../../host/network.ts";
import type { Native } from "../../posix/native.ts";
import { POLLIN } from "../../posix/platform.ts";
import type { Watch } from "../../posix/poller.ts";
import { readSocketAddress } from "./socket_address.ts";
import { SocketConnection } from "./socket_connection.ts";

const SOCK_CLOEXEC = 0x80000;
const SOCK_NONBLOCK = 0x800;
const { EMFILE, ENFILE, ENOMEM, ENOBUFS } = constants.errno;
/** An error that is over by itself. */
const shortages = [EMFILE, ENFILE, ENOMEM, ENOBUFS];

/** Accepts connections, wherever the socket was made. */
export class SocketListener implements NetworkListener {
  readonly port: number;
  readonly #native: Native;
  readonly #descriptor: number;
  readonly #onConnection: (connection: NetworkConnection, descriptor: number) => void;
  readonly #watch: Watch;
  #isClosed = false;

  /**
   * @param descriptor a listening socket that does not block, this object's to close from now on
   * @param onConnection gets the descriptor as well, which is the connection's
   */
  constructor(
    native: Native,
    descriptor: number,
    onConnection: (connection: NetworkConnection, descriptor: number) => void,
    port: number,
  ) {
    this.port = port;
    this.#native = native;
    this.#descriptor = descriptor;
    this.#onConnection = onConnection;
    this.#watch = native.poller.watch(descriptor, () => this.#accept());
    this.#watch.want(POLLIN);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watch.close();
  }

  /** One at a time: the rest come in their turn. */
  #accept(): void {
    const { c, errno } = this.#native.libc;
    const address = new Uint8Array(28);
    const length = new Uint8Array(new Int32Array([address.length]).buffer);
    const connection = c.accept4(this.#descriptor, address, length, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection < 0) {
      if (shortages.includes(errno())) this.#rest();
      return;
    }
    const peer = readSocketAddress(address);
    const name = `${peer?.address}:${peer?.port}`;
    this.#onConnection(new SocketConnection(this.#native, connection, name), connection);
  }

  /** Whoever wants to connect waits. */
  #rest(): void {
    this.#watch.unwant(POLLIN);
    setTimeout(() => {
      if (!this.#isClosed) this.#watch.want(POLLIN);
    }, NETWORK_ACCEPT_RETRY_MS).unref();
  }
}
