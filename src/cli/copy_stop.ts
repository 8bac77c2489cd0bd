import { constants } from "node:os";
import process from "node:process";
import { ignoresHangup } from "./hangup.ts";

/** The user has had enough. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  /** The status that says so. */
  readonly status: number;

  constructor(signal: NodeJS.Signals) {
    super(`ended by ${signal}`);
    this.status = 128 + (constants.signals[signal] ?? 0);
  }
}

/** What Ctrl-C and the like abort with {@linkcode Interrupted}; a second time, the program ends at once. */
export class StopSignals implements Disposable {
  readonly #abort = new AbortController();
  readonly #listeners: (readonly [NodeJS.Signals, () => void])[] = [];

  constructor() {
    const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM", ...ignoresHangup() ? [] : ["SIGHUP" as const]];
    for (const name of signals) {
      const listener = () => {
        const reason = new Interrupted(name);
        if (this.#abort.signal.aborted) process.exit(reason.status);
        this.#abort.abort(reason);
      };
      process.on(name, listener);
      this.#listeners.push([name, listener]);
    }
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Waits for something, and when there was enough of it no longer than so many milliseconds more. */
  async within<Result>(work: Promise<Result>, graceMs: number): Promise<Result> {
    const { signal } = this;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let begin: (() => void) | undefined;
    const stopped = new Promise<never>((_, reject) => {
      begin = () => timer = setTimeout(() => reject(signal.reason), graceMs);
      signal.addEventListener("abort", begin, { once: true });
      if (signal.aborted) begin();
    });
    try {
      return await Promise.race([work, stopped]);
    } finally {
      signal.removeEventListener("abort", begin!);
      clearTimeout(timer);
    }
  }

  [Symbol.dispose](): void {
    for (const [name, listener] of this.#listeners) process.off(name, listener);
  }
}
