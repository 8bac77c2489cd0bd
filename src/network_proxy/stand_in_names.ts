/** Names of hosts, and addresses that stand for them where nobody is to look names up. */
import { NETWORK_STAND_IN_NAMES } from "../limits.ts";

/** Addresses of 198.18.0.0/15 that stand for names: all but the first, which stands for none, and the last. */
const addresses = 2 ** 17 - 2;

/**
 * The names that a process has asked for. Each gets an address of its own, in IPv4 and in IPv6. An address stands for
 * nothing once so many others have been asked for since, and long after that for another name.
 */
export class StandInNames {
  /** In the order in which they were asked for. */
  readonly #numbers = new Map<string, number>();
  readonly #names = new Map<number, string>();
  #next = 1;

  /** The number of a name's address. */
  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    const number = known ?? this.#next;
    if (known === undefined) this.#next = this.#next % addresses + 1;
    this.#numbers.delete(name);
    this.#numbers.set(name, number);
    this.#names.set(number, name);
    if (this.#numbers.size > NETWORK_STAND_IN_NAMES) {
      const [[oldest, old]] = this.#numbers as unknown as [[string, number]];
      this.#numbers.delete(oldest);
      this.#names.delete(old);
    }
    return number;
  }

  /**
   * The name that an address stands for: null for one that could stand for a name and does for none, undefined for one that
   * stands for itself.
   *
   * @param address in its shortest spelling
   */
  nameOf(address: string): string | null | undefined {
    const number = numberIn(address);
    return number === undefined ? undefined : this.#names.get(number) ?? null;
  }
}

/** The bytes of the address with a number. */
export function standInAddress(number: number, version: 4 | 6): Uint8Array {
  const low = [number >> 16, number >> 8 & 0xff, number & 0xff] as const;
  if (version === 4) return Uint8Array.of(198, 18 + low[0], low[1], low[2]);
  const bytes = new Uint8Array(16);
  bytes.set([0xfd, 0xc0, 0xde, 0x00]);
  bytes.set(low, 13);
  return bytes;
}

function numberIn(address: string): number | undefined {
  const [, first, second, third] = /^198\.(18|19)\.(\d+)\.(\d+)$/.exec(address) ?? [];
  if (first !== undefined) return (Number(first) - 18) * 0x10000 + Number(second) * 0x100 + Number(third);
  if (!address.startsWith("fdc0:de00:")) return undefined;
  const [all, high, low = "0"] = /^fdc0:de00::(?:(1):)?([0-9a-f]{1,4})?$/.exec(address) ?? [];
  return all === undefined ? 0 : (high === undefined ? 0 : 0x10000) + parseInt(low, 16);
}
