import { setImmediate } from "node:timers";

/** A timer that waits for its time. */
interface Timer {
  at: number;
  readonly every: number | undefined;
  readonly callback: () => void;
}

/**
 * Time that passes only when it is told to: timers and `performance.now()` of the whole program follow it until it is
 * disposed.
 */
export class FakeTime implements Disposable {
  readonly #real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setInterval: globalThis.setInterval,
    clearInterval: globalThis.clearInterval,
    now: performance.now,
  };
  readonly #timers = new Map<number, Timer>();
  #now = 0;
  #lastId = 0;

  constructor() {
    const clear = (id?: unknown) => void this.#timers.delete(Number(id));
    Object.assign(globalThis, {
      setTimeout: (callback: () => void, ms = 0) => this.#add(callback, ms, undefined),
      setInterval: (callback: () => void, ms = 0) => this.#add(callback, ms, ms),
      clearTimeout: clear,
      clearInterval: clear,
    });
    performance.now = () => this.#now;
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets time pass; timers fire in their order, and what they set off settles before the next one. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.settle();
    for (;;) {
      const due = [...this.#timers].filter(([, timer]) =>
        timer.at <= end
      ).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      const [id, timer] = due;
      this.#now = timer.at;
      if (timer.every === undefined) this.#timers.delete(id);
      else timer.at += Math.max(timer.every, 1);
      timer.callback();
      await this.settle();
    }
    this.#now = end;
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  [Symbol.dispose](): void {
    const { now, ...timers } = this.#real;
    Object.assign(globalThis, timers);
    performance.now = now;
  }

  /** @returns what stands for the timer where it is cleared, with what Node's timers can do beside that */
  #add(callback: () => void, ms: number, every: number | undefined): object {
    const id = ++this.#lastId;
    this.#timers.set(id, { at: this.#now + ms, every, callback });
    return { unref() {}, valueOf: () => id };
  }
}
