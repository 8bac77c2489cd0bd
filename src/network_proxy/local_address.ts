/** Addresses that lead to this machine, to its neighbours, or to nobody on the open network. */
import { isIPv4, isIPv6 } from "node:net";

/** Networks by their first address and the bits that are theirs. */
const networks = [
  ["0.0.0.0", 8], // this network
  ["10.0.0.0", 8], // private
  ["100.64.0.0", 10], // behind a provider's translation
  ["127.0.0.0", 8], // loopback
  ["169.254.0.0", 16], // link-local, where clouds tell their secrets
  ["172.16.0.0", 12], // private
  ["192.0.0.0", 24], // protocol assignments
  ["192.0.2.0", 24], // documentation
  ["192.168.0.0", 16], // private
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4], // reserved, and broadcast
].map(([address, bits]) => ({ first: numberOf(address as string), bits: bits as number }));

const sixNetworks = [
  ["::", 128], // unspecified
  ["::1", 128], // loopback
  ["64:ff9b:1::", 48], // translation within a site
  ["100::", 64], // discarded
  ["2001::", 23], // protocol assignments, Teredo among them, which hides an address
  ["2001:db8::", 32], // documentation
  ["3fff::", 20], // documentation
  ["5f00::", 16], // segment routing
  ["fc00::", 7], // private
  ["fe80::", 10], // link-local
  ["fec0::", 10], // site-local
  ["ff00::", 8], // multicast
].map(([address, bits]) => ({ words: wordsOf(address as string), bits: bits as number }));

/** Addresses of IPv6 that stand for one of IPv4, which begins at a word. */
const carriers = [
  { words: wordsOf("::ffff:0:0"), bits: 96, at: 6 },
  { words: wordsOf("::ffff:0:0:0"), bits: 96, at: 6 },
  { words: wordsOf("::"), bits: 96, at: 6 },
  { words: wordsOf("64:ff9b::"), bits: 96, at: 6 },
  { words: wordsOf("2002::"), bits: 16, at: 1 },
];

/** Whether an address is one of them. What is no address is none of the open network, either. */
export function isLocalAddress(address: string): boolean {
  if (isIPv4(address)) return isLocalNumber(numberOf(address));
  if (!isIPv6(address) || address.includes("%")) return true;
  const words = wordsOf(address);
  if (sixNetworks.some((network) => isIn(words, network))) return true;
  const carrier = carriers.find((carrier) => isIn(words, carrier));
  return carrier !== undefined && isLocalNumber(words[carrier.at]! * 65_536 + words[carrier.at + 1]!);
}

function isLocalNumber(address: number): boolean {
  return networks.some(({ first, bits }) => {
    const size = 2 ** (32 - bits);
    return address >= first && address < first + size;
  });
}

function isIn(
  words: readonly number[],
  network: { readonly words: readonly number[]; bits: number },
): boolean {
  for (let word = 0, bits = network.bits; bits > 0; word++, bits -= 16) {
    const shift = Math.max(0, 16 - bits);
    if (words[word]! >> shift !== network.words[word]! >> shift) return false;
  }
  return true;
}

function numberOf(address: string): number {
  return address.split(".").reduce((number, part) => number * 256 + Number(part), 0);
}

/** The eight words of an IPv6 address. */
function wordsOf(address: string): number[] {
  const plain = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    return `${(Number(a) * 256 + Number(b)).toString(16)}:${(Number(c) * 256 + Number(d)).toString(16)}`;
  });
  const [before = "", after] = plain.split("::");
  const read = (text: string) => text === "" ? [] : text.split(":").map((word) => parseInt(word, 16));
  const [front, back] = [read(before), read(after ?? "")];
  return [...front, ...Array(8 - front.length - back.length).fill(0), ...back];
}
