/** Numbers by chance that are the same for the same seed. Not for secrets. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A source of its own: what others draw does not change what it gives. */
  fork(name: string): Random {
    let hash = this.#state ^ 0x811c9dc5;
    for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
    return new Random(hash);
  }

  /** From 0 to less than 1: mulberry32. */
  fraction(): number {
    this.#state = this.#state + 0x6d2b79f5 >>> 0;
    let mixed = Math.imul(this.#state ^ this.#state >>> 15, this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  /** Small numbers often, large ones now and then: each order of magnitude is as likely as another. */
  magnitude(least: number, most: number): number {
    return Math.round(least * (most / least) ** this.fraction());
  }

  chance(share: number): boolean {
    return this.fraction() < share;
  }

  /** One of several, each as likely as its weight says. */
  pick<T>(items: readonly T[], weight: (item: T) => number = () => 1): T {
    let at = this.fraction() * items.reduce((sum, item) => sum + weight(item), 0);
    return items.find((item) => (at -= weight(item)) < 0) ?? items.at(-1)!;
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    const words = new Uint32Array(Math.ceil(length / 4));
    for (let i = 0; i < words.length; i++) words[i] = this.fraction() * 2 ** 32;
    return new Uint8Array(words.buffer, 0, length);
  }
}
