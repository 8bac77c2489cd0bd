import {
  RETAINED_OUTPUT_BYTES,
  RETAINED_OUTPUT_CHUNKS,
  UNCONFIRMED_OUTPUT_BYTES,
  UNCONFIRMED_OUTPUT_CHUNKS,
} from "../limits.ts";
import type { OutputStream } from "../protocol/schemas/process.ts";
import { throwUnawaited } from "../throw_unawaited.ts";
import { type HoldWindow, LogHold } from "./log_hold.ts";
import type { ClosedEvent, ExitedEvent, LogEvent, OutputEvent, ProcessState } from "./process_event.ts";

/** What to read of a log. */
export interface LogReadOptions {
  /** Only events with a higher seq; 0 by default. */
  afterSeq?: number;
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

/** Events in less room than they had. */
export interface PackedEvents {
  /** How many they are. */
  readonly count: number;
  /** The events, in their order. */
  unpack(): LogEvent[];
}

/**
 * Everything one process did, in order: the only place its output is kept. Whoever wants output holds a position in
 * this log; nobody has a queue of their own.
 *
 * The newest output is retained up to a number of bytes and events; older output is evicted, lifecycle events never.
 * Nothing that a {@linkcode LogHold} claims is evicted.
 */
export class OutputLog {
  /** Called after every append, and after the failure. */
  readonly listeners = new Set<() => void>();
  /** Called when {@linkcode full} has changed. */
  onFull: ((full: boolean) => void) | undefined;
  /** Called with output that can no longer be read, in its order. It must not throw. */
  onEvicted: ((output: OutputEvent) => void) | undefined;

  readonly #holds = new Set<LogHold>();
  #full = false;
  #failure: string | undefined;

  /** Empty while the events are packed. */
  #events: LogEvent[] = [];
  #packed: PackedEvents | undefined;
  /** It was tried: that would save too little. */
  #isDense = false;
  /** Index in `#events` of the oldest retained event; what stands before it is garbage. */
  #head = 0;
  #nextSeq = 1;
  #offset = 0;
  #retainedBytes = 0;
  #retainedChunks = 0;
  #exited: ExitedEvent | undefined;
  #closed: ClosedEvent | undefined;

  /** The seq of the next event. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** The seq of the oldest event that is retained, beside the lifecycle events; `nextSeq` where there is none. */
  get firstSeq(): number {
    return this.#nextSeq - (this.#packed?.count ?? this.#events.length - this.#head);
  }

  /** Bytes of output in the log's whole life. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes of output that can still be read. */
  get retainedBytes(): number {
    return this.#retainedBytes;
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

  /** The first seq that some hold claims; Infinity where none does. */
  get claimedFrom(): number {
    let claimed = Infinity;
    for (const { seq } of this.#holds) claimed = Math.min(claimed, seq + 1);
    return claimed;
  }

  /** Whether some hold claims anything that is there. */
  get isClaimed(): boolean {
    return this.claimedFrom < this.#nextSeq;
  }

  /** The largest number of bytes that lie beyond a hold. */
  get backlogBytes(): number {
    return Math.max(0, ...[...this.#holds].map((hold) => hold.backlogBytes));
  }

  /** Claims everything after an event, as far as it is retained. */
  hold(afterSeq: number, window: HoldWindow = unread): LogHold {
    const hold = new LogHold(this, afterSeq, window);
    this.#holds.add(hold);
    this.claimsChanged();
    return hold;
  }

  /** Gives a claim up. */
  release(hold: LogHold): void {
    if (this.#holds.delete(hold)) this.claimsChanged();
  }

  /** Evicts what nobody claims any more, and tells whether there is room. */
  claimsChanged(): void {
    this.#evict();
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

  /** Takes bytes over; the caller does not touch them again. */
  appendOutput(stream: OutputStream, bytes: Uint8Array): void {
    this.#offset += bytes.length;
    this.#retainedBytes += bytes.length;
    this.#retainedChunks++;
    this.#append({ kind: "output", seq: this.#nextSeq, offset: this.#offset, stream, bytes });
  }

  appendExited(exitCode: number): void {
    this.#exited = { kind: "exited", seq: this.#nextSeq, offset: this.#offset, exitCode };
    this.#append(this.#exited);
  }

  appendClosed(): void {
    this.#closed = { kind: "closed", seq: this.#nextSeq, offset: this.#offset };
    this.#append(this.#closed);
  }

  /** The event of this number, or undefined where it is evicted or yet to come. */
  at(seq: number): LogEvent | undefined {
    if (seq === this.#exited?.seq) return this.#exited;
    if (seq === this.#closed?.seq) return this.#closed;
    if (seq < this.firstSeq || seq >= this.#nextSeq) return undefined;
    this.#unpack();
    return this.#events[seq - this.firstSeq + this.#head];
  }

  /** The first event from this number on that is retained, or undefined where there is none yet. */
  firstFrom(seq: number): LogEvent | undefined {
    const first = this.firstSeq;
    if (seq >= first) return this.at(seq);
    const exited = this.#exited;
    return exited && exited.seq >= seq && exited.seq < first ? exited : this.at(first);
  }

  /** Retained output, oldest first. */
  read(options: LogReadOptions = {}): LogSlice {
    const { afterSeq = 0, maxBytes = Infinity } = options;
    this.#unpack();
    const chunks: OutputEvent[] = [];
    let bytes = 0;
    const start = Math.max(afterSeq + 1 - this.firstSeq, 0) + this.#head;
    for (let i = start; i < this.#events.length; i++) {
      const event = this.#events[i]!;
      if (event.kind !== "output") continue;
      if (chunks.length > 0 && bytes + event.bytes.length > maxBytes) break;
      chunks.push(event);
      bytes += event.bytes.length;
      if (bytes >= maxBytes) break;
    }
    const last = chunks.at(-1);
    return {
      chunks,
      nextSeq: maxBytes === Infinity || !last ? this.#nextSeq : last.seq + 1,
      exited: this.#exited !== undefined,
      exitCode: this.#exited?.exitCode ?? null,
      closed: this.#closed !== undefined,
      failure: this.#failure ?? null,
    };
  }

  /** Evicts all output of a process that has ended; false where somebody claims some of it. */
  dropOutput(): boolean {
    if (!this.#closed || this.isClaimed) return false;
    this.#packed = undefined;
    this.#events = [this.#closed];
    this.#head = this.#retainedBytes = this.#retainedChunks = 0;
    return true;
  }

  /**
   * Compresses the output of a process that has ended, until somebody reads it again. Nothing is lost by it.
   *
   * @param compress undefined where it would not be worth it; handed in, since a browser has no compressor for it
   */
  async pack(compress: (events: readonly LogEvent[]) => Promise<PackedEvents | undefined>): Promise<void> {
    if (!this.#closed || this.#packed || this.#isDense || this.isClaimed) return;
    const before = this.#events;
    const packed = await compress(this.#events.slice(this.#head));
    // Nothing is added any more.
    if (!packed) this.#isDense = true;
    // Whoever has claimed, compressed or dropped it in the meantime goes first.
    if (!packed || this.#packed || this.isClaimed || this.#events !== before) return;
    this.#packed = packed;
    this.#events = [];
    this.#head = 0;
  }

  #unpack(): void {
    if (!this.#packed) return;
    this.#events = this.#packed.unpack();
    this.#packed = undefined;
  }

  /** Evicts what is beyond the limits and not claimed. */
  #evict(): void {
    if (this.#retainedBytes <= RETAINED_OUTPUT_BYTES && this.#retainedChunks <= RETAINED_OUTPUT_CHUNKS) {
      return;
    }
    const claimed = this.claimedFrom;
    while (this.#retainedBytes > RETAINED_OUTPUT_BYTES || this.#retainedChunks > RETAINED_OUTPUT_CHUNKS) {
      const oldest = this.#events[this.#head]!;
      if (oldest.seq >= claimed) break;
      if (oldest.kind === "output") {
        this.#retainedBytes -= oldest.bytes.length;
        this.#retainedChunks--;
        this.onEvicted?.(oldest);
      }
      // The slot is emptied at once so that the bytes are free; the array is moved up only now and then.
      this.#events[this.#head++] = oldest.kind === "output" ? evicted : oldest;
    }
    if (this.#head > 1024 && this.#head * 2 > this.#events.length) {
      this.#events.splice(0, this.#head);
      this.#head = 0;
    }
  }

  #append(event: LogEvent): void {
    this.#events.push(event);
    this.#nextSeq++;
    this.claimsChanged();
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

const evicted: OutputEvent = {
  kind: "output",
  seq: 0,
  offset: 0,
  stream: "stdout",
  bytes: new Uint8Array(0),
};
