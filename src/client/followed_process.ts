import {
  CATCH_UP_EARLY_BYTES,
  CATCH_UP_EARLY_EVENTS,
  CATCH_UP_WAITING_BYTES,
  REORDER_BYTES,
  REORDER_EVENTS,
} from "../limits.ts";
import { OutputLog } from "../log/output_log.ts";
import type { ProcessId } from "../protocol/ids.ts";
import { EarlyEvents, type WireEvent } from "./early_events.ts";

/** Whose a process is that is followed. */
export interface FollowOptions {
  /** Another client's: it goes on without this one. False by default. */
  readonly isAttached?: boolean;
  /** Its log begins where the answer to the call says, which is told by `beginAfter`. False by default. */
  readonly beginsLater?: boolean;
  /** What can be had no more is skipped, instead of being its end. False by default. */
  readonly maySkip?: boolean;
}

/**
 * A process of a server as its client follows it: a copy of the process's log, filled in seq order and with the server's
 * own numbers, however the events arrive.
 */
export class FollowedProcess {
  readonly id: ProcessId;
  readonly log: OutputLog = new OutputLog();
  readonly #early = new EarlyEvents();
  /** Whether it is another client's. */
  readonly isAttached: boolean;
  /** Whether what can be had no more is skipped, instead of being its end. */
  readonly maySkip: boolean;
  /** Whether it outlives its session. */
  outlivesSession = false;
  #isStarted = false;
  #hasBegun: boolean;
  /** While missed events are fetched: the first that was pushed meanwhile. From there on nothing is missed. */
  #catchingUp: { pushedFrom: number } | undefined;

  constructor(id: ProcessId, options: FollowOptions = {}) {
    this.id = id;
    this.isAttached = options.isAttached ?? false;
    this.maySkip = options.maySkip ?? false;
    this.#hasBegun = !options.beginsLater;
  }

  /** Whether the server has it for certain: it answered the start, or sent an event. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** The last event that was put in order. */
  get lastSeq(): number {
    return this.log.nextSeq - 1;
  }

  /** Whether nothing more comes. */
  get ended(): boolean {
    return this.log.closed !== undefined || this.log.failure !== undefined;
  }

  /** Whether an event has arrived, in order or ahead of it. */
  has(seq: number): boolean {
    return seq <= this.lastSeq || this.#early.has(seq);
  }

  /** Whether the exit has arrived, in order or ahead of it. */
  get exitArrived(): boolean {
    return this.log.exited !== undefined || this.#early.haveExit;
  }

  /** Whether the server has pushed an event up to this one since missed events are fetched. */
  wasPushedBy(seq: number): boolean {
    return this.#catchingUp !== undefined && this.#catchingUp.pushedFrom <= seq;
  }

  /** The server has answered its start. */
  markStarted(): void {
    this.#isStarted = true;
  }

  /** The server has answered where its events begin: behind this one. */
  beginAfter(seq: number): void {
    this.#isStarted = true;
    this.#hasBegun = true;
    this.log.skipTo(seq + 1);
    this.#takeEarly();
  }

  /** It has ended, and nothing of that will be sent. */
  end(exitCode: number): void {
    this.push({ kind: "exited", seq: this.lastSeq + 1, exitCode, sandboxDenied: false });
    this.push({ kind: "closed", seq: this.lastSeq + 1 });
  }

  /** Takes an event that the server sent by itself. */
  pushLive(event: WireEvent): void {
    const catchingUp = this.#catchingUp;
    if (catchingUp) catchingUp.pushedFrom = Math.min(catchingUp.pushedFrom, event.seq);
    this.push(event);
  }

  /** Takes an event that arrived. Doubles and whatever comes after the end are dropped. */
  push(event: WireEvent): void {
    if (!this.#hasBegun) {
      this.#early.add(event);
      return this.#checkEarly();
    }
    this.#isStarted = true;
    if (this.ended) return;
    if (event.kind === "gap" ? event.toSeq <= this.lastSeq : this.has(event.seq)) return;
    if (event.kind === "exited" && !isExitCode(event.exitCode)) {
      return this.fail(`the server reports an exit code that no process has: ${event.exitCode}`);
    }
    if (event.seq === this.lastSeq + 1 || isGapAt(event, this.lastSeq + 1)) this.#append(event);
    else {
      this.#early.add(event);
      this.#checkEarly();
    }
    this.#takeEarly();
  }

  /** Whatever is missing up to an event is not to be had any more. */
  skipTo(seq: number): void {
    while (this.lastSeq < seq && !this.ended) {
      const toSeq = Math.min(seq, this.#early.firstAfter(this.lastSeq) - 1);
      this.push({ kind: "gap", seq: this.lastSeq + 1, toSeq });
    }
  }

  /** Ends it with a failure, unless it has ended. */
  fail(message: string): void {
    this.log.fail(message);
    this.#early.clear();
  }

  /** Another connection begins: events may be missed, so that many may come before them. */
  beginCatchingUp(): void {
    this.#catchingUp = { pushedFrom: Infinity };
  }

  /** Every event that was missed is here: from now on an event may only be a little early. */
  endCatchingUp(): void {
    this.#catchingUp = undefined;
    this.#checkEarly();
  }

  #takeEarly(): void {
    for (let next = this.#takeNext(); next; next = this.#takeNext()) this.#append(next);
  }

  #takeNext(): WireEvent | undefined {
    return this.#early.count === 0 ? undefined : this.#early.take(this.lastSeq + 1);
  }

  #checkEarly(): void {
    const [events, bytes] = this.#catchingUp || !this.#hasBegun
      ? [CATCH_UP_EARLY_EVENTS, CATCH_UP_EARLY_BYTES]
      : [REORDER_EVENTS, REORDER_BYTES];
    const limit = this.#early.count > events
      ? `${events} entries`
      : this.#early.bytes > bytes
      ? `${bytes} bytes`
      : undefined;
    if (limit === undefined) return;
    this.fail(`process event reorder buffer exceeds ${limit}: event ${this.log.nextSeq} is missing`);
  }

  /** While missed events are fetched the connection is read whatever its reader does, which must end somewhere. */
  #checkWaiting(): void {
    if (this.#catchingUp && this.log.backlogBytes > CATCH_UP_WAITING_BYTES) {
      this.fail(`more than ${CATCH_UP_WAITING_BYTES} bytes of output wait for their reader`);
    }
  }

  #append(event: WireEvent): void {
    switch (event.kind) {
      case "output":
        this.log.appendOutput(event.stream, event.bytes);
        return this.#checkWaiting();
      case "exited":
        return this.log.appendExited(event.exitCode, event);
      case "gap":
        return this.log.skipTo(event.toSeq + 1);
      case "closed":
        this.log.appendClosed();
        this.#early.clear(); // Nothing comes after it.
    }
  }
}

/** Whether an event is a gap that a number is in. */
function isGapAt(event: WireEvent, seq: number): boolean {
  return event.kind === "gap" && event.seq <= seq && event.toSeq >= seq;
}

/** Whether a number is one that a system gives a process: Windows has 32 bits of it, with or without a sign. */
function isExitCode(code: number): boolean {
  return Number.isInteger(code) && code >= -(2 ** 31) && code < 2 ** 32;
}
