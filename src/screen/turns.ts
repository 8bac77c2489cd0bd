import { SCREEN_TURN_MS } from "../limits.ts";

/**
 * Whose turn it is to work at a screen. There is one at a time, and after it a rest that is as long: screens together take
 * half of the processor's time at the most, whatever programs write and however many look.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;
  #startedAt = 0;

  /** Resolves when it is the caller's turn, which lasts until {@linkcode end}. */
  take(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (!this.#isTaken) this.#next();
    });
  }

  /** Whether the turn has lasted for long enough. */
  isOver(): boolean {
    return performance.now() - this.#startedAt >= SCREEN_TURN_MS;
  }

  /** Ends the turn and takes another, behind everybody who waits for one. */
  pass(): Promise<void> {
    const again = this.take();
    this.end();
    return again;
  }

  end(): void {
    const worked = performance.now() - this.#startedAt;
    // Not for a moment's work: a timer takes longer.
    if (worked < 1) this.#next();
    else setTimeout(() => this.#next(), worked);
  }

  #next(): void {
    const next = this.#waiting.shift();
    this.#isTaken = next !== undefined;
    this.#startedAt = performance.now();
    next?.();
  }
}
