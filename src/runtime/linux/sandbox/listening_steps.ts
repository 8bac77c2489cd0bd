/** What the runner does so that the server listens in the network of a confined child. */
import { socketAddress } from "../network/socket_address.ts";
import type { CallList } from "../runner/call_list.ts";

const [AF_INET, SOL_SOCKET, SCM_RIGHTS] = [2, 1, 1];
const [SOCK_STREAM, SOCK_CLOEXEC, SOCK_NONBLOCK] = [1, 0x80000, 0x800];
/** Of what goes before descriptors in a message. */
const controlHeaderBytes = 16;
/** Connections that the kernel keeps until they are accepted. */
const waitingConnections = 512;

/** Where the server listens in a network that it is not in. */
export interface ListeningPlaces {
  /** Ports of the loopback address. */
  readonly ports: readonly number[];
  /** The descriptor over which the sockets are sent. */
  readonly socket: number;
}

/**
 * Makes the sockets, and sends them away. They get the lowest numbers, beginning with `first`: nothing else may be open
 * from there on but the socket that they are sent over.
 */
export function addListening(list: CallList, { ports, socket }: ListeningPlaces, first: number): void {
  list.to("listen in its network");
  const sockets = ports.map((_, index) => first + index);
  ports.forEach((port, index) => {
    const address = socketAddress("127.0.0.1", port);
    list.call("socket", AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)
      .call("bind", sockets[index]!, list.bytes(address), address.length)
      .call("listen", sockets[index]!, waitingConnections);
  });
  const sent = new Int32Array(2 * Math.ceil(sockets.length / 2));
  sent.set(sockets);
  // The header: its length, and that these are descriptors.
  const control = list.words(
    controlHeaderBytes + 4 * sockets.length,
    BigInt(SOL_SOCKET) | BigInt(SCM_RIGHTS) << 32n,
    ...new BigInt64Array(sent.buffer),
  );
  const content = list.words(list.bytes(Uint8Array.of(0)), 1);
  const message = list.words(0, 0, content, 1, control, controlHeaderBytes + 4 * sent.length, 0);
  list.call("sendmsg", socket, message, 0).attempt("close_range", first, 0xffff_ffff, 0);
}
