import { FirstReader } from "../log/first_reader.ts";
import type { EventsOptions, LogCursor } from "../log/log_cursor.ts";
import type { OutputLog } from "../log/output_log.ts";
import type { ProcessEvent, ProcessState } from "../log/process_event.ts";
import type { ProcessId } from "../protocol/ids.ts";

/** How a process is followed. */
export interface RemoteProcessOptions {
  /**
   * Hold everything for the first reader, who may begin later: without one, the process blocks after a window full of
   * output.
   */
  readonly lossless?: boolean;
  /** The last event before those that its log has; 0 by default. */
  readonly afterSeq?: number;
}

/** A process of a server for whoever started it: what it does, from the client's copy of its log. */
export class RemoteProcess implements AsyncIterable<ProcessEvent> {
  readonly id: ProcessId;
  readonly log: OutputLog;
  /** The last event before those that its log has. */
  readonly beginsAfter: number;
  /** The operating system's number, where the server was asked for it and tells. */
  pid: number | undefined;
  readonly #reader: FirstReader;

  constructor(id: ProcessId, log: OutputLog, options: RemoteProcessOptions = {}) {
    this.id = id;
    this.log = log;
    this.beginsAfter = options.afterSeq ?? 0;
    this.#reader = new FirstReader(log, { lossless: options.lossless ?? false });
  }

  get state(): ProcessState {
    return this.log.state;
  }

  /** The last event that has arrived. */
  get lastSeq(): number {
    return this.log.nextSeq - 1;
  }

  /** Whether nothing more comes. */
  get ended(): boolean {
    return this.log.closed !== undefined || this.log.failure !== undefined;
  }

  /** Its events, from where one likes. Whoever asks is the reader that was waited for. */
  events(options?: EventsOptions): LogCursor {
    return this.#reader.events({ afterSeq: this.beginsAfter, ...options });
  }

  /** Holds nothing any more for a reader that has not begun. */
  letGo(): void {
    this.#reader.letGo();
  }

  /** All of its events; the process waits for this reader. */
  [Symbol.asyncIterator](): LogCursor {
    return this.events({ lossless: true });
  }
}
