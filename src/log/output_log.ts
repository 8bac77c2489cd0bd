import { UNCONFIRMED_OUTPUT_BYTES, UNCONFIRMED_OUTPUT_CHUNKS } from "../limits.ts";
import { isDescriptorStream } from "../protocol/descriptor_streams.ts";
import type { OutputStream } from "../protocol/schemas/process.ts";
import { throwUnawaited } from "../throw_unawaited.ts";
import { type HoldWindow, LogHold } from "./log_hold.ts";
import type { ClosedEvent, ExitedEvent, LogEvent, OutputEvent, ProcessState } from "./process_event.ts";
import { type PackEvents, RetainedEvents } from "./retained_events.ts";

/** What to read of a log. */
export interface LogReadOptions {
  /** Only events with a higher seq; 0 by default. */
  afterSeq?: number;
  /** Only events that came so many milliseconds after the process's start, or later; all by default. */
  sinceMs?: number | undefined;
  /**
   * Stop once this many bytes are reached, and before an event that would exceed them; the first event always
   * counts. No limit by default.
   */
  maxBytes?: number;
}

/** A stretch of retained output, and how the process stood at the same moment. */
export interface LogSlice {
  readonly chunks: readonly OutputEvent[];
  /** Reading on with `afterSeq: nextSeq - 1` misses nothing that is retained. */
  readonly nextSeq: number;
  readonly exited: boolean;
  readonly exitCode: number | null;
  readonly closed: boolean;
  readonly failure: string | null;
}

/** What an exit comes from, as far as is known. */
export type ExitCauses = Pick<ExitedEvent, "sandboxDenied" | "limit">;

/** A log in words: what another program needs to go on with it. */
export interface LogSnapshot {
  /** The seq of the next event. */
  readonly nextSeq: number;
  /** Bytes of output in the log's whole life. */
  readonly offset: number;
  /** The newest events, without a gap up to `nextSeq`. */
  readonly events: readonly LogEvent[];
  /** Also where it is older than the events; null before the exit. */
  readonly exited: ExitedEvent | null;
}

/**
 * Everything one process did, in order: the only place its output is kept. Whoever wants output holds a position in
 * this log; nobody has a queue of their own.
 *
 * The newest output is retained up to a number of bytes and events; older output is evicted, lifecycle events never.
 * Nothing that a {@linkcode LogHold} holds is evicted.
 */
export class OutputLog {
  /** Called after every append, and after the failure. */
  readonly listeners = new Set<() => void>();
  /** Called when {@linkcode full} has changed. */
  onFull: ((full: boolean) => void) | undefined;
  /** Called with output that can no longer be read, in its order. It must not throw. */
  onEvicted: ((output: OutputEvent) => void) | undefined;

  /** Bytes of each stream that were appended here; those of descriptors together. */
  readonly written = { stdout: 0, stderr: 0, pty: 0, fd: 0 };

  readonly #holds = new Set<LogHold>();
  readonly #heldFrom = () => this.heldFrom;
  readonly #events: RetainedEvents;
  #full = false;
  #failure: string | undefined;
  #offset: number;
  #exited: ExitedEvent | undefined;
  #closed: ClosedEvent | undefined;

  /** @param from what another program knew of the process; nothing by default */
  constructor({ nextSeq, offset, events, exited }: LogSnapshot = beginning) {
    this.#events = new RetainedEvents(nextSeq, events);
    this.#offset = offset;
    this.#exited = exited ?? undefined;
    const last = events.at(-1);
    if (last?.kind === "closed") this.#closed = last;
  }

  /** Everything that is needed to go on with it elsewhere. */
  snapshot(): LogSnapshot {
    const events = [...this.#events.from(this.firstSeq)];
    return { nextSeq: this.nextSeq, offset: this.#offset, events, exited: this.#exited ?? null };
  }

  /** The seq of the next event. */
  get nextSeq(): number {
    return this.#events.nextSeq;
  }

  /** The seq of the oldest event that is retained, beside the lifecycle events; `nextSeq` where there is none. */
  get firstSeq(): number {
    return this.#events.firstSeq;
  }

  /** Bytes of output in the log's whole life. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes of output that can still be read. */
  get retainedBytes(): number {
    return this.#events.bytes;
  }

  /** Whether it holds more than its limit, because somebody holds it. */
  get hasTooMuch(): boolean {
    return this.#events.isTooMuch;
  }

  get exited(): ExitedEvent | undefined {
    return this.#exited;
  }

  get closed(): ClosedEvent | undefined {
    return this.#closed;
  }

  /** Why nothing more can be learned of the process, where that is so. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** How the process stands. */
  get state(): ProcessState {
    return {
      hasExited: this.#exited !== undefined,
      exitCode: this.#exited?.exitCode ?? null,
      failureMessage: this.#failure ?? null,
    };
  }

  /** Whether a window full of output lies beyond some hold, so that no more should be appended for now. */
  get full(): boolean {
    return this.#full;
  }

  /** The first seq that is held; Infinity where none is. */
  get heldFrom(): number {
    let held = Infinity;
    for (const { seq } of this.#holds) held = Math.min(held, seq + 1);
    return held;
  }

  /** Whether anything that is there is held. */
  get isHeld(): boolean {
    return this.heldFrom < this.nextSeq;
  }

  /** The largest number of bytes that lie beyond a hold. */
  get backlogBytes(): number {
    return Math.max(0, ...[...this.#holds].map((hold) => hold.backlogBytes));
  }

  /** Holds everything after an event, as far as it is retained. */
  hold(afterSeq: number, window: HoldWindow = unread): LogHold {
    const hold = new LogHold(this, afterSeq, window);
    this.#holds.add(hold);
    this.holdsChanged();
    return hold;
  }

  /** Gives a hold up. */
  release(hold: LogHold): void {
    if (this.#holds.delete(hold)) this.holdsChanged();
  }

  /** Evicts what nobody holds any more, and tells whether there is room. */
  holdsChanged(): void {
    this.#events.evict(this.#heldFrom, this.onEvicted);
    let full = false;
    for (const hold of this.#holds) full ||= hold.full;
    if (full === this.#full) return;
    this.#full = full;
    this.onFull?.(full);
  }

  /** Nothing more will be learned of the process. Only the first failure counts, and none once it has closed. */
  fail(message: string): void {
    if (this.#failure !== undefined || this.#closed) return;
    this.#failure = message;
    this.#tell();
  }

  /** The next event has this number: those before it were missed for good, which readers are told. */
  skipTo(nextSeq: number): void {
    if (nextSeq > this.nextSeq) this.#events.skipTo(nextSeq);
  }

  /**
   * Takes bytes over; the caller does not touch them again.
   *
   * @param atMs when they came, see {@linkcode OutputEvent}
   */
  appendOutput(stream: OutputStream, bytes: Uint8Array, atMs?: number): void {
    this.#offset += bytes.length;
    this.written[isDescriptorStream(stream) ? "fd" : stream] += bytes.length;
    const event = { kind: "output", seq: this.nextSeq, offset: this.#offset, stream, bytes } as const;
    this.#append(atMs === undefined ? event : { ...event, atMs });
  }

  /** @param atMs when that was, see {@linkcode ExitedEvent} */
  appendExited(exitCode: number, { sandboxDenied = false, limit }: ExitCauses = {}, atMs?: number): void {
    this.#exited = {
      kind: "exited",
      seq: this.nextSeq,
      offset: this.#offset,
      exitCode,
      sandboxDenied,
      ...limit !== undefined && { limit },
      ...atMs !== undefined && { atMs },
    };
    this.#append(this.#exited);
  }

  appendClosed(): void {
    this.#closed = { kind: "closed", seq: this.nextSeq, offset: this.#offset };
    this.#append(this.#closed);
  }

  /** The event of this number, or undefined where it is evicted or yet to come. */
  at(seq: number): LogEvent | undefined {
    if (seq === this.#exited?.seq) return this.#exited;
    if (seq === this.#closed?.seq) return this.#closed;
    return this.#events.at(seq);
  }

  /** The first event from this number on that is retained, or undefined where there is none yet. */
  firstFrom(seq: number): LogEvent | undefined {
    const first = this.firstSeq;
    if (seq >= first) return this.#events.firstFrom(seq);
    const exited = this.#exited;
    return exited && exited.seq >= seq && exited.seq < first ? exited : this.#events.firstFrom(first);
  }

  /** Retained output, oldest first. */
  read(options: LogReadOptions = {}): LogSlice {
    const { afterSeq = 0, sinceMs, maxBytes = Infinity } = options;
    const first = sinceMs === undefined ? 0 : this.#events.firstSince(sinceMs);
    const chunks: OutputEvent[] = [];
    let bytes = 0;
    for (const event of this.#events.from(Math.max(afterSeq + 1, first))) {
      if (event.kind !== "output") continue;
      if (chunks.length > 0 && bytes + event.bytes.length > maxBytes) break;
      chunks.push(event);
      bytes += event.bytes.length;
      if (bytes >= maxBytes) break;
    }
    const last = chunks.at(-1);
    return {
      chunks,
      nextSeq: maxBytes === Infinity || !last ? this.nextSeq : last.seq + 1,
      exited: this.#exited !== undefined,
      exitCode: this.#exited?.exitCode ?? null,
      closed: this.#closed !== undefined,
      failure: this.#failure ?? null,
    };
  }

  /** Evicts all output of a process that has ended; false where somebody holds some of it. */
  dropOutput(): boolean {
    if (!this.#closed || this.isHeld) return false;
    this.#events.dropAllButLast(this.#closed);
    return true;
  }

  /** Compresses the output of a process that has ended, until somebody reads it again. Nothing is lost by it. */
  async pack(compress: PackEvents): Promise<void> {
    if (this.#closed && !this.isHeld) await this.#events.pack(compress, () => this.isHeld);
  }

  #append(event: LogEvent): void {
    this.#events.append(event);
    this.holdsChanged();
    this.#tell();
  }

  /** A listener that fails stops neither the others nor the process: its error is thrown where nobody waits for it. */
  #tell(): void {
    for (const listener of this.listeners) {
      try {
        listener();
      } catch (error) {
        throwUnawaited(error);
      }
    }
  }
}

/** What a reader that misses nothing may leave unread. */
const unread: HoldWindow = { bytes: UNCONFIRMED_OUTPUT_BYTES, chunks: UNCONFIRMED_OUTPUT_CHUNKS };

const beginning: LogSnapshot = { nextSeq: 1, offset: 0, events: [], exited: null };
