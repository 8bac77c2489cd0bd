import type { LogHold } from "./log_hold.ts";
import type { OutputLog } from "./output_log.ts";
import type { ProcessEvent } from "./process_event.ts";

/** Where a cursor begins and what it may cost. */
export interface EventsOptions {
  /** Only events with a higher seq; 0, everything that is retained, by default. */
  afterSeq?: number;
  /**
   * Lose nothing: while this reader lags by a window full, the process's output is not read on and the process
   * blocks. Without it a reader that lags too far is told of a `gap`.
   */
  lossless?: boolean;
}

/**
 * A reader's place in a log, as an async iterator that ends after `closed` or `failed`. It has no queue of its own:
 * what it has not read stays in the log. Leaving a `for await` loop ends it; one that is lossless and is not read to
 * its end must be ended by `return()`, or it holds the process up for good.
 */
export class LogCursor implements AsyncIterableIterator<ProcessEvent> {
  readonly #log: OutputLog;
  readonly #hold: LogHold | undefined;
  #position: number;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(log: OutputLog, options: EventsOptions = {}) {
    const { afterSeq = 0, lossless = false } = options;
    this.#log = log;
    this.#position = afterSeq + 1;
    if (lossless) this.#hold = log.hold(afterSeq);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<ProcessEvent, undefined>> {
    // Whoever asks for the next event is done with the one before.
    this.#hold?.advance(this.#position - 1);
    for (;;) {
      const event = this.#ended ? undefined : this.#take();
      if (event) return { value: event, done: false };
      if (this.#ended) return { value: undefined, done: true };
      await this.#change();
    }
  }

  return(): Promise<IteratorResult<ProcessEvent, undefined>> {
    this.#end();
    this.#wake?.();
    return Promise.resolve({ value: undefined, done: true });
  }

  #take(): ProcessEvent | undefined {
    const position = this.#position;
    const event = this.#log.firstFrom(position);
    if (event && event.seq > position) {
      this.#position = event.seq;
      const bytes = event.kind === "output" ? event.bytes.length : 0;
      this.#hold?.advance(event.seq - 1, event.offset - bytes);
      return { kind: "gap", fromSeq: position, toSeq: event.seq - 1 };
    }
    if (event) {
      this.#position++;
      if (event.kind === "closed") this.#end();
      return event;
    }
    const { closed, failure } = this.#log;
    if (closed || failure !== undefined) this.#end();
    return closed || failure === undefined ? undefined : { kind: "failed", message: failure };
  }

  #end(): void {
    this.#ended = true;
    this.#hold?.release();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#log.listeners.delete(this.#wake!);
        resolve();
      };
      this.#log.listeners.add(this.#wake);
    });
  }
}
