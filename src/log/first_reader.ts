import { type EventsOptions, LogCursor } from "./log_cursor.ts";
import type { OutputLog } from "./output_log.ts";

/** How a first reader's place is kept. */
export interface FirstReaderOptions {
  /** Keep it at all; true by default. */
  readonly lossless?: boolean | undefined;
  /** Bytes that are kept at the most, where the source cannot be held up; then the place is given up. No limit by default. */
  readonly limitBytes?: number;
}

/**
 * The place of whoever reads a log first. It is kept from the beginning, so that its reader may come late: until then
 * nothing is evicted, and after a window full of output the source is held up.
 */
export class FirstReader {
  readonly #log: OutputLog;
  readonly #limitBytes: number;
  readonly #check = () => {
    if (this.#log.backlogBytes > this.#limitBytes) this.letGo();
  };
  #place: LogCursor | undefined;

  constructor(log: OutputLog, { lossless = true, limitBytes = Infinity }: FirstReaderOptions = {}) {
    this.#log = log;
    this.#limitBytes = limitBytes;
    if (lossless) this.#place = new LogCursor(log, { lossless: true });
    if (lossless && limitBytes < Infinity) log.listeners.add(this.#check);
  }

  /** A reader of the log. The first one finds everything that was kept until then. */
  events(options?: EventsOptions): LogCursor {
    const cursor = new LogCursor(this.#log, options);
    if (options?.lossless) this.letGo();
    // More may be there than is retained for anybody: nothing of it goes before its reader had a turn.
    else if (this.#place) setTimeout(() => this.letGo());
    return cursor;
  }

  /** Keeps nothing any more for a reader that has not come. */
  letGo(): void {
    this.#place?.return();
    this.#place = undefined;
    this.#log.listeners.delete(this.#check);
  }
}
