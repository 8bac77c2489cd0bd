/** Addresses of the internet, as C lays them out on Linux. */
import { isIPv4 } from "node:net";

export const AF_INET = 2;
export const AF_INET6 = 10;
/** Bytes of the larger one. */
export const addressBytes = 28;

/** An address of IPv4 or IPv6 and a port. */
export function socketAddress(address: string, port: number): Uint8Array<ArrayBuffer> {
  const isFour = isIPv4(address);
  const bytes = new Uint8Array(isFour ? 16 : addressBytes);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, isFour ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  if (isFour) bytes.set(address.split(".").map(Number), 4);
  else wordsOf(address).forEach((word, index) => view.setUint16(8 + 2 * index, word));
  return bytes;
}

/** The address and the port of such bytes; undefined for another family. */
export function readSocketAddress(bytes: Uint8Array): { address: string; port: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const family = bytes.length < 8 ? 0 : view.getUint16(0, true);
  const port = bytes.length < 8 ? 0 : view.getUint16(2);
  if (family === AF_INET) return { address: bytes.subarray(4, 8).join("."), port };
  if (family !== AF_INET6 || bytes.length < 24) return undefined;
  const words = Array.from({ length: 8 }, (_, index) => view.getUint16(8 + 2 * index).toString(16));
  return { address: words.join(":"), port };
}

function wordsOf(address: string): number[] {
  const [before = "", after] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const read = (text: string) => text === "" ? [] : text.split(":").map((word) => parseInt(word, 16));
  const [front, back] = [read(before), read(after ?? "")];
  return [...front, ...Array(8 - front.length - back.length).fill(0), ...back];
}
