import { type EventsOptions, LogCursor } from "./log_cursor.ts";
import type { OutputLog } from "./output_log.ts";

/**
 * The place of whoever reads a log first. It is kept from the beginning, so that its reader may come late: until then
 * nothing is evicted, and after a window full of output the source is held up.
 */
export class FirstReader {
  readonly #log: OutputLog;
  #place: LogCursor | undefined;

  constructor(log: OutputLog) {
    this.#log = log;
    this.#place = new LogCursor(log, { lossless: true });
  }

  /** A reader of the log. The first one finds everything that was kept until then. */
  events(options?: EventsOptions): LogCursor {
    const cursor = new LogCursor(this.#log, options);
    this.letGo();
    return cursor;
  }

  /** Keeps nothing any more for a reader that has not come. */
  letGo(): void {
    this.#place?.return();
    this.#place = undefined;
  }
}
