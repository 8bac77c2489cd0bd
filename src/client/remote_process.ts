import {
  CATCH_UP_EARLY_BYTES,
  CATCH_UP_EARLY_EVENTS,
  CATCH_UP_WAITING_BYTES,
  REORDER_BYTES,
  REORDER_EVENTS,
} from "../limits.ts";
import { type EventsOptions, LogCursor } from "../log/log_cursor.ts";
import { OutputLog } from "../log/output_log.ts";
import type { ProcessEvent, ProcessState } from "../log/process_event.ts";
import type { ProcessId } from "../protocol/ids.ts";
import type { OutputStream } from "../protocol/schemas/process.ts";

/** An event as it comes from the wire, in whatever order. */
export type WireEvent =
  | {
    readonly kind: "output";
    readonly seq: number;
    readonly stream: OutputStream;
    readonly bytes: Uint8Array;
  }
  | { readonly kind: "exited"; readonly seq: number; readonly exitCode: number }
  | { readonly kind: "closed"; readonly seq: number };

/** How a process is followed. */
export interface RemoteProcessOptions {
  /**
   * Hold everything for the first reader, who may begin later: without one, the process blocks after a window full of
   * output.
   */
  readonly lossless?: boolean;
}

/**
 * A process of a server as its client sees it: a copy of the process's log, filled in seq order and with the server's
 * own numbers, however the events arrive.
 */
export class RemoteProcess implements AsyncIterable<ProcessEvent> {
  readonly id: ProcessId;
  readonly log: OutputLog = new OutputLog();
  /** Whether the server has it for certain: it answered the start, or sent an event. */
  started = false;
  /** Whether missed events are being fetched, so that many may come before them. */
  catchingUp = false;
  /** The first event that was pushed on a connection that is being taken up: from there on nothing is missed. */
  pushedFrom: number | undefined;

  /** Events that came before an earlier one did. */
  readonly #early = new Map<number, WireEvent>();
  #earlyBytes = 0;
  /** The place of who will read everything, until that begins. */
  #first: LogCursor | undefined;

  constructor(id: ProcessId, options: RemoteProcessOptions = {}) {
    this.id = id;
    if (options.lossless) this.#first = new LogCursor(this.log, { lossless: true });
  }

  get state(): ProcessState {
    return this.log.state;
  }

  /** The last event that was put in order. */
  get lastSeq(): number {
    return this.log.nextSeq - 1;
  }

  /** Whether nothing more comes. */
  get ended(): boolean {
    return this.log.closed !== undefined || this.log.failure !== undefined;
  }

  /** Its events, from where one likes. Whoever asks is the reader that was waited for. */
  events(options?: EventsOptions): LogCursor {
    const cursor = new LogCursor(this.log, options);
    this.letGo();
    return cursor;
  }

  /** Holds nothing any more for a reader that has not begun. */
  letGo(): void {
    this.#first?.return();
    this.#first = undefined;
  }

  /** All of its events; the process waits for this reader. */
  [Symbol.asyncIterator](): LogCursor {
    const cursor = this.#first ?? this.events({ lossless: true });
    this.#first = undefined;
    return cursor;
  }

  /** Whether an event has arrived, in order or ahead of it. */
  has(seq: number): boolean {
    return seq <= this.lastSeq || this.#early.has(seq);
  }

  /** Whether the exit has arrived, in order or ahead of it. */
  get exitArrived(): boolean {
    return this.log.exited !== undefined || [...this.#early.values()].some(({ kind }) => kind === "exited");
  }

  /** Takes an event that the server sent by itself. */
  pushLive(event: WireEvent): void {
    if (this.catchingUp) this.pushedFrom = Math.min(this.pushedFrom ?? Infinity, event.seq);
    this.push(event);
  }

  /** Takes an event that arrived. Doubles and whatever comes after the end are dropped. */
  push(event: WireEvent): void {
    this.started = true;
    if (this.ended || this.has(event.seq)) return;
    if (event.kind === "exited" && !isExitCode(event.exitCode)) {
      return this.fail(`the server reports an exit code that no process has: ${event.exitCode}`);
    }
    if (event.seq === this.lastSeq + 1) this.#append(event);
    else this.#keep(event);
    for (let next = this.#early.get(this.lastSeq + 1); next; next = this.#early.get(this.lastSeq + 1)) {
      this.#early.delete(next.seq);
      this.#earlyBytes -= size(next);
      this.#append(next);
    }
  }

  /** Ends it with a failure, unless it has ended. */
  fail(message: string): void {
    this.log.fail(message);
    this.#early.clear();
    this.#earlyBytes = 0;
  }

  /** The connection is lost: events may be missed from now on. */
  beginCatchingUp(): void {
    this.catchingUp = true;
    this.pushedFrom = undefined;
  }

  /** Every event that was missed is here: from now on an event may only be a little early. */
  endCatchingUp(): void {
    this.catchingUp = false;
    this.pushedFrom = undefined;
    this.#checkEarly();
  }

  #keep(event: WireEvent): void {
    this.#early.set(event.seq, event);
    this.#earlyBytes += size(event);
    this.#checkEarly();
  }

  #checkEarly(): void {
    const [events, bytes] = this.catchingUp
      ? [CATCH_UP_EARLY_EVENTS, CATCH_UP_EARLY_BYTES]
      : [REORDER_EVENTS, REORDER_BYTES];
    if (this.#early.size > events) {
      this.fail(
        `process event reorder buffer exceeds ${events} entries: event ${this.log.nextSeq} is missing`,
      );
    } else if (this.#earlyBytes > bytes) {
      this.fail(`process event reorder buffer exceeds ${bytes} bytes: event ${this.log.nextSeq} is missing`);
    }
  }

  /** While missed events are fetched the connection is read whatever its reader does, which must end somewhere. */
  #checkWaiting(): void {
    if (this.catchingUp && this.log.backlogBytes > CATCH_UP_WAITING_BYTES) {
      this.fail(`more than ${CATCH_UP_WAITING_BYTES} bytes of output wait for their reader`);
    }
  }

  #append(event: WireEvent): void {
    switch (event.kind) {
      case "output":
        this.log.appendOutput(event.stream, event.bytes);
        return this.#checkWaiting();
      case "exited":
        return this.log.appendExited(event.exitCode);
      case "closed":
        this.log.appendClosed();
        this.#early.clear(); // Nothing comes after it.
        this.#earlyBytes = 0;
    }
  }
}

/** Whether a number is one that a system gives a process: Windows has 32 bits of it, with or without a sign. */
function isExitCode(code: number): boolean {
  return Number.isInteger(code) && code >= -(2 ** 31) && code < 2 ** 32;
}

function size(event: WireEvent): number {
  return event.kind === "output" ? event.bytes.length : 0;
}
