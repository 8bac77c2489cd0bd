/** How many more descriptors this program may open. */
import { RESERVED_DESCRIPTORS, RESERVED_DESCRIPTORS_SHARE } from "../../limits.ts";
import type { DescriptorReserve } from "../../host/descriptor_reserve.ts";
import type { Libc } from "./libc.ts";
import { POLLNVAL } from "./platform.ts";

/** Numbers that are looked at with one call. */
const blockNumbers = 256;
/** Above it, `getrlimit` speaks of no limit. */
const mostDescriptors = 2 ** 30;

/**
 * Counts by numbers that are not in use, and opens nothing for it: the kernel gives the lowest free number, so that as
 * long as the highest ones were never given out there are enough.
 */
export class Descriptors implements DescriptorReserve {
  readonly #libc: Libc;
  readonly #limits = new BigUint64Array(2);
  readonly #limitBytes = new Uint8Array(this.#limits.buffer);
  readonly #pollfds = new Int32Array(blockNumbers * 2);
  readonly #pollBytes = new Uint8Array(this.#pollfds.buffer);

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  get limit(): number {
    const { c, platform } = this.#libc;
    if (c.getrlimit(platform.RLIMIT_NOFILE, this.#limitBytes) < 0) return Infinity;
    const soft = Number(this.#limits[0]!);
    return soft < mostDescriptors ? soft : Infinity;
  }

  isShort(share = 1): boolean {
    const { limit } = this;
    if (limit === Infinity) return false;
    const reserve = Math.min(RESERVED_DESCRIPTORS, limit * RESERVED_DESCRIPTORS_SHARE);
    const needed = Math.max(1, Math.floor(reserve * share));
    return this.#free(limit - needed, limit) < needed && !this.#hasFree(needed, limit);
  }

  #hasFree(needed: number, limit: number): boolean {
    let free = 0;
    for (let first = 0; first < limit && free < needed; first += blockNumbers) {
      free += this.#free(first, Math.min(first + blockNumbers, limit));
    }
    return free >= needed;
  }

  /** How many numbers of a range are not in use. */
  #free(first: number, end: number): number {
    const count = end - first;
    for (let i = 0; i < count; i++) {
      this.#pollfds[i * 2] = first + i;
      this.#pollfds[i * 2 + 1] = 0;
    }
    if (this.#libc.c.poll(this.#pollBytes, count, 0) < 0) return count;
    let free = 0;
    for (let i = 0; i < count; i++) if (this.#pollfds[i * 2 + 1]! >>> 16 & POLLNVAL) free++;
    return free;
  }
}
