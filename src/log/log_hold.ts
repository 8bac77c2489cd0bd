/** How much may lie beyond a reader's place before the source is held up. */
export interface HoldWindow {
  readonly bytes: number;
  /** Output events: tiny ones cost more than their bytes. */
  readonly chunks: number;
}

/** What a hold asks of its log. */
export interface HeldLog {
  readonly offset: number;
  readonly nextSeq: number;
  readonly retainedBytes: number;
  at(seq: number): { readonly offset: number } | undefined;
  /** A hold has become smaller. */
  holdsChanged(): void;
  release(hold: LogHold): void;
}

/**
 * A reader's place that holds a log: nothing after its place is evicted, and once a window full of output lies beyond it the
 * source is held up. Made by `OutputLog.hold`.
 */
export class LogHold {
  readonly #log: HeldLog;
  readonly #window: HoldWindow;
  #seq: number;
  #offset: number;

  constructor(log: HeldLog, seq: number, window: HoldWindow) {
    this.#log = log;
    this.#window = window;
    this.#seq = seq;
    this.#offset = offsetAt(log, seq);
  }

  /** The last event that is not held any more. */
  get seq(): number {
    return this.#seq;
  }

  /** Bytes of output beyond its place. */
  get backlogBytes(): number {
    return this.#log.offset - this.#offset;
  }

  /** Whether a window full lies beyond its place. */
  get full(): boolean {
    return this.backlogBytes >= this.#window.bytes || this.#log.nextSeq - this.#seq > this.#window.chunks;
  }

  /** Lets go of everything up to this event, whose offset its reader may know. Never goes back. */
  advance(seq: number, offset?: number): void {
    if (seq <= this.#seq) return;
    this.#seq = seq;
    this.#offset = offset ?? offsetAt(this.#log, seq);
    this.#log.holdsChanged();
  }

  /** Lets go of everything. Idempotent. */
  release(): void {
    this.#log.release(this);
  }
}

/** The offset behind an event: the oldest retained one's for what is evicted, the newest for what is yet to come. */
function offsetAt(log: HeldLog, seq: number): number {
  return log.at(seq)?.offset ?? (seq < log.nextSeq ? log.offset - log.retainedBytes : log.offset);
}
