/** What the runner does so that the server listens in the network of a confined child. */
import { addDescriptorMessage } from "../network/descriptor_message.ts";
import { AF_INET, AF_INET6, socketAddress } from "../network/socket_address.ts";
import type { CallList } from "../runner/call_list.ts";

const [SOCK_STREAM, SOCK_DGRAM, SOCK_CLOEXEC, SOCK_NONBLOCK] = [1, 2, 0x80000, 0x800];
/** Connections that the kernel keeps until they are accepted. */
const waitingConnections = 512;

/** A socket in a network that the server is not in. */
export interface ListeningSocket {
  readonly address: string;
  readonly port: number;
  readonly kind: "stream" | "datagram";
}

/** Where the server listens in a network that it is not in. */
export interface ListeningPlaces {
  readonly sockets: readonly ListeningSocket[];
  /** The descriptor over which the sockets are sent. */
  readonly socket: number;
  /** Whether every connection of the child is to end there. */
  readonly isTransparent: boolean;
}

/**
 * Makes the sockets, and sends them away. They get the lowest numbers, beginning with `first`: nothing else may be open
 * from there on but what has a number far above.
 */
export function addListening(list: CallList, { sockets, socket }: ListeningPlaces, first: number): void {
  addSending(list, sockets, first, socket, () => {});
}

/**
 * The same, and closes only those sockets.
 *
 * @param between adds what is to be done while they are open
 */
export function addSending(
  list: CallList,
  sockets: readonly ListeningSocket[],
  first: number,
  over: number,
  between: () => void,
): void {
  list.to("listen in its network");
  const numbers = sockets.map((_, index) => first + index);
  sockets.forEach(({ address: text, port, kind }, index) => {
    const address = socketAddress(text, port);
    const family = text.includes(":") ? AF_INET6 : AF_INET;
    const type = kind === "stream" ? SOCK_STREAM : SOCK_DGRAM;
    list.call("socket", family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)
      .call("bind", numbers[index]!, list.bytes(address), address.length);
    if (kind === "stream") list.call("listen", numbers[index]!, waitingConnections);
  });
  between();
  addDescriptorMessage(list.to("hand its sockets over"), over, numbers);
  list.call("close_range", first, first + numbers.length - 1, 0);
}
