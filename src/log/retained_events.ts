import { RETAINED_OUTPUT_BYTES, RETAINED_OUTPUT_CHUNKS } from "../limits.ts";
import type { LogEvent, OutputEvent } from "./process_event.ts";

/** Events in less room than they had. */
export interface PackedEvents {
  /** How many they are. */
  readonly count: number;
  /** The events, in their order. */
  unpack(): LogEvent[];
}

/** Compresses events; undefined where it would not be worth it. Handed in, since a browser has no compressor for it. */
export type PackEvents = (events: readonly LogEvent[]) => Promise<PackedEvents | undefined>;

/** The newest events of a log, without a gap but for those that were skipped. */
export class RetainedEvents {
  /** Empty while they are packed. */
  #events: LogEvent[];
  #packed: PackedEvents | undefined;
  /** It was tried: that would save too little. */
  #isDense = false;
  /** Index of the oldest one; what stands before it is garbage. */
  #head = 0;
  #nextSeq: number;
  #bytes = 0;
  #chunks = 0;
  /** Whether some numbers between them were skipped. */
  #hasGaps = false;

  constructor(nextSeq = 1, events: readonly LogEvent[] = []) {
    this.#events = [...events];
    this.#nextSeq = nextSeq;
    for (const event of events) this.#count(event, 1);
  }

  /** The seq of the next one. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** The seq of the oldest one; `nextSeq` where there is none. */
  get firstSeq(): number {
    if (this.#hasGaps) return this.#events[this.#head]?.seq ?? this.#nextSeq;
    return this.#nextSeq - (this.#packed?.count ?? this.#events.length - this.#head);
  }

  /** Bytes of their output. */
  get bytes(): number {
    return this.#bytes;
  }

  append(event: LogEvent): void {
    this.#events.push(event);
    this.#nextSeq++;
    this.#count(event, 1);
  }

  /** The next event has this number: those before it never come. */
  skipTo(nextSeq: number): void {
    this.#hasGaps ||= this.#head < this.#events.length;
    this.#nextSeq = nextSeq;
  }

  /** The event of this number, or undefined where there is none. */
  at(seq: number): LogEvent | undefined {
    if (seq < this.firstSeq) return undefined;
    const event = this.firstFrom(seq);
    return event?.seq === seq ? event : undefined;
  }

  /** The first one from a number on, or undefined where there is none yet. */
  firstFrom(seq: number): LogEvent | undefined {
    this.#unpack();
    return this.#events[this.#indexFrom(seq)];
  }

  /** Those from a number on, the oldest first. */
  *from(seq: number): Iterable<LogEvent> {
    this.#unpack();
    for (let i = this.#indexFrom(seq); i < this.#events.length; i++) yield this.#events[i]!;
  }

  /** The number of the first one that came at a time or later; `nextSeq` where there is none. */
  firstSince(atMs: number): number {
    for (const event of this.from(this.firstSeq)) {
      if (event.kind !== "closed" && event.atMs !== undefined && event.atMs >= atMs) return event.seq;
    }
    return this.nextSeq;
  }

  /** Evicts the oldest ones while there are too many, but none from this number on. */
  evict(heldFrom: () => number, onEvicted: ((output: OutputEvent) => void) | undefined): void {
    if (!this.isTooMuch) return;
    for (const held = heldFrom(); this.isTooMuch;) {
      const oldest = this.#events[this.#head]!;
      if (oldest.seq >= held) break;
      this.#count(oldest, -1);
      if (oldest.kind === "output") onEvicted?.(oldest);
      // The slot is emptied at once so that the bytes are free; the array is moved up only now and then.
      this.#events[this.#head++] = oldest.kind === "output" ? evicted : oldest;
    }
    if (this.#head > 1024 && this.#head * 2 > this.#events.length) {
      this.#events.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** Keeps only the last one. */
  dropAllButLast(last: LogEvent): void {
    this.#packed = undefined;
    this.#events = [last];
    this.#hasGaps = false;
    this.#head = this.#bytes = this.#chunks = 0;
  }

  /** Compresses them until somebody wants one, unless `isWanted` says at the end that somebody does. */
  async pack(compress: PackEvents, isWanted: () => boolean): Promise<void> {
    if (this.#packed || this.#isDense || this.#hasGaps) return;
    const before = this.#events;
    const packed = await compress(this.#events.slice(this.#head));
    // Nothing is added any more.
    if (!packed) this.#isDense = true;
    // Whoever has wanted, compressed or dropped them in the meantime goes first.
    if (!packed || this.#packed || isWanted() || this.#events !== before) return;
    this.#packed = packed;
    this.#events = [];
    this.#head = 0;
  }

  /** Where the first one from a number on stands, or would. */
  #indexFrom(seq: number): number {
    if (!this.#hasGaps) return Math.max(seq - this.firstSeq, 0) + this.#head;
    let low = this.#head;
    for (let high = this.#events.length; low < high;) {
      const middle = (low + high) >> 1;
      if (this.#events[middle]!.seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether they are more than the limit. */
  get isTooMuch(): boolean {
    return this.#bytes > RETAINED_OUTPUT_BYTES || this.#chunks > RETAINED_OUTPUT_CHUNKS;
  }

  #count(event: LogEvent, sign: 1 | -1): void {
    if (event.kind !== "output") return;
    this.#bytes += sign * event.bytes.length;
    this.#chunks += sign;
  }

  #unpack(): void {
    if (!this.#packed) return;
    this.#events = this.#packed.unpack();
    this.#packed = undefined;
  }
}

const evicted: OutputEvent = {
  kind: "output",
  seq: 0,
  offset: 0,
  stream: "stdout",
  bytes: new Uint8Array(0),
};
