import type { Entry } from "./entry.ts";

/** Orders names as their UTF-8 bytes are ordered, in which `\uFFFF` comes before what lies beyond 16 bits. */
export function compareNames(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  let at = 0;
  while (at < length && one.charCodeAt(at) === other.charCodeAt(at)) at++;
  if (at === length) return one.length - other.length;
  return rank(one.charCodeAt(at)) - rank(other.charCodeAt(at));
}

function rank(unit: number): number {
  return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Keeps those entries whose names come first, however many are added. */
export class SmallestEntries<Kept extends Entry> {
  readonly #limit: number;
  #kept: Kept[] = [];
  /** The name above which nothing is kept any more. */
  #highest: string | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(entries: readonly Kept[]): void {
    for (const entry of entries) {
      if (this.#highest !== undefined && compareNames(entry.name, this.#highest) > 0) continue;
      this.#kept.push(entry);
      // Sorting only when there is as much to drop as to keep costs little per entry.
      if (this.#kept.length > 2 * this.#limit + 1_000) this.sorted();
    }
  }

  /** The entries kept, in order. */
  sorted(): readonly Kept[] {
    this.#kept.sort((one, other) => compareNames(one.name, other.name));
    if (this.#kept.length > this.#limit) {
      this.#kept.length = this.#limit;
      this.#highest = this.#kept.at(-1)?.name;
    }
    return this.#kept;
  }
}
