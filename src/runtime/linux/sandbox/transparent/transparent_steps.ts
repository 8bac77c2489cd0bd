/** What the runner does so that every connection of a child ends at this program, and its questions for names. */
import { existsSync } from "node:fs";
import { socketAddress } from "../../network/socket_address.ts";
import type { CallList } from "../../runner/call_list.ts";
import { addSending, type ListeningPlaces, type ListeningSocket } from "../listening_steps.ts";
import { caughtPort, nameServer, own, probe } from "./addresses.ts";
import { purposes } from "./purposes.ts";
import { redirectAll } from "./redirect.ts";
import { wayOut } from "./routes.ts";

const [AF_INET, AF_INET6, AF_NETLINK] = [2, 10, 16];
const [SOCK_STREAM, SOCK_RAW, SOCK_CLOEXEC] = [1, 3, 0x80000];
const [NETLINK_ROUTE, NETLINK_NETFILTER] = [0, 12];
const [SOL_SOCKET, SO_SNDTIMEO, probeSeconds] = [1, 21, 5];

/** Whether this machine knows IPv6 at all. */
export function hasIpv6(): boolean {
  return existsSync("/proc/net/if_inet6");
}

/** What is listened on beside the ports of a plan, in this order. */
export function transparentSockets(): ListeningSocket[] {
  return [
    { address: "127.0.0.1", port: caughtPort, kind: "stream" },
    { ...nameServer, kind: "stream" },
    { ...nameServer, kind: "datagram" },
    ...hasIpv6() ? [{ address: "::1", port: caughtPort, kind: "stream" } as const] : [],
  ];
}

/**
 * Sets up a network that is the runner's own, in which only its loopback interface is up. It must have all rights there.
 *
 * @param first the lowest number that a descriptor can get
 */
export function addTransparentNetwork(
  list: CallList,
  { sockets, socket }: ListeningPlaces,
  first: number,
): void {
  const families = hasIpv6() ? [own.ipv4, own.ipv6] : [own.ipv4];
  list.to(purposes.lead);
  tellKernel(list, NETLINK_ROUTE, families.map(wayOut), first);
  list.to(purposes.redirect);
  tellKernel(list, NETLINK_NETFILTER, [redirectAll(caughtPort, own, hasIpv6())], first);
  addSending(list, sockets, first, socket, () => {
    // The kernel's answers are read by nobody: this tells whether it has done what it was told.
    list.to(purposes.redirect);
    tryConnecting(list, AF_INET, probe.ipv4, first + sockets.length);
    if (hasIpv6()) tryConnecting(list, AF_INET6, probe.ipv6, first + sockets.length);
  });
}

function tellKernel(list: CallList, whom: number, messages: readonly Uint8Array[], descriptor: number): void {
  list.call("socket", AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, whom);
  for (const message of messages) {
    list.call("sendto", descriptor, list.bytes(message), message.length, 0, 0, 0);
  }
  list.call("close", descriptor);
}

function tryConnecting(list: CallList, family: number, to: string, descriptor: number): void {
  const address = socketAddress(to, probe.port);
  list.call("socket", family, SOCK_STREAM | SOCK_CLOEXEC, 0)
    .call("setsockopt", descriptor, SOL_SOCKET, SO_SNDTIMEO, list.words(probeSeconds, 0), 16)
    .call("connect", descriptor, list.bytes(address), address.length)
    .call("close", descriptor);
}
