/** Chunks on their way: each arrives late, and none overtakes another however the delay changes. */
export class DelayLine {
  readonly #deliver: (chunk: Uint8Array) => void;
  readonly #chunks: { readonly chunk: Uint8Array; readonly dueAt: number }[] = [];

  constructor(deliver: (chunk: Uint8Array) => void) {
    this.#deliver = deliver;
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  /** Takes a chunk that is to arrive after some milliseconds, or behind the one before it. */
  push(chunk: Uint8Array, delayMs: number): void {
    const dueAt = Math.max(performance.now() + delayMs, this.#chunks.at(-1)?.dueAt ?? 0);
    this.#chunks.push({ chunk, dueAt });
    if (this.#chunks.length === 1) setTimeout(() => this.#arrive(), delayMs);
  }

  #arrive(): void {
    const now = performance.now();
    while (this.#chunks.length > 0 && this.#chunks[0]!.dueAt <= now) {
      this.#deliver(this.#chunks.shift()!.chunk);
    }
    if (this.#chunks.length > 0) setTimeout(() => this.#arrive(), this.#chunks[0]!.dueAt - now);
  }
}
