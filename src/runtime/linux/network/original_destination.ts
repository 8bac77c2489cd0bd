import type { Libc } from "../../posix/libc.ts";
import { addressBytes, readSocketAddress } from "./socket_address.ts";

const [SOL_IP, SOL_IPV6, SO_ORIGINAL_DST] = [0, 41, 80];

/** Where a connection was to lead that the kernel redirected to where it was accepted; undefined where it did not. */
export function originalDestination(
  { c }: Libc,
  socket: number,
  version: "ipv4" | "ipv6",
): { address: string; port: number } | undefined {
  const address = new Uint8Array(addressBytes);
  const length = new Uint8Array(new Int32Array([address.length]).buffer);
  const level = version === "ipv4" ? SOL_IP : SOL_IPV6;
  return c.getsockopt(socket, level, SO_ORIGINAL_DST, address, length) < 0
    ? undefined
    : readSocketAddress(address);
}
