/** What the runner does so that the server listens in the network of a confined child. */
import { addDescriptorMessage } from "../network/descriptor_message.ts";
import { socketAddress } from "../network/socket_address.ts";
import type { CallList } from "../runner/call_list.ts";

const AF_INET = 2;
const [SOCK_STREAM, SOCK_CLOEXEC, SOCK_NONBLOCK] = [1, 0x80000, 0x800];
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
 * from there on but what has a number far above.
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
  addDescriptorMessage(list, socket, sockets);
}
