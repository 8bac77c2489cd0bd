import {
  CATCH_UP_MS,
  DETACHED_HOLD_MS,
  UNCONFIRMED_OUTPUT_BYTES,
  UNCONFIRMED_OUTPUT_CHUNKS,
  UNSENT_OUTPUT_BYTES,
  VIEWER_BYTES_PER_S,
  VIEWER_REFILL_MS,
} from "../limits.ts";
import type { HoldWindow, LogHold } from "../log/log_hold.ts";
import type { OutputLog } from "../log/output_log.ts";
import type { GapEvent, LogEvent, OutputEvent } from "../log/process_event.ts";
import { isDescriptorStream } from "../protocol/descriptor_streams.ts";
import type { ProcessId } from "../protocol/ids.ts";
import { unref } from "../unref.ts";

/** What may be under way to a client. */
const unconfirmed: HoldWindow = { bytes: UNCONFIRMED_OUTPUT_BYTES, chunks: UNCONFIRMED_OUTPUT_CHUNKS };
/** What may wait to be sent: little, as many processes behind one slow connection must not each fill a large window. */
const unsent: HoldWindow = { bytes: UNSENT_OUTPUT_BYTES, chunks: Infinity };

/** How a log is followed. */
export interface SubscriptionOptions {
  /** Whether the process waits for this client; one that it does not wait for is told of a gap. True by default. */
  readonly lossless?: boolean;
  /** Only events with a higher seq; 0 by default. */
  readonly afterSeq?: number;
  /** Whether it is told no output of descriptors beyond 2, but of a gap in its place. False by default. */
  readonly hidesDescriptors?: boolean;
}

/**
 * One session's place in one log, which may have any number of them.
 *
 * It knows two positions. What was handed out by {@linkcode next} is on its way; what was named to
 * {@linkcode confirm} has arrived. Each holds the log with a window of its own, unless nothing is to wait for this
 * client.
 *
 * A lost connection leaves what is unconfirmed held for a while, so that a client that comes back finds all it has not
 * seen. It reads that with `process/read`; new events are pushed meanwhile.
 */
export class Subscription {
  /** Gaps that this program has told of. */
  static gapsTold = 0;

  /** Called when {@linkcode next} has something new to give, while attached. */
  onAvailable: (() => void) | undefined;
  /** Called when it ends, while attached. */
  onDisposed: (() => void) | undefined;

  /** The client's name for the process. */
  readonly id: ProcessId;
  readonly #log: OutputLog;
  readonly #lossless: boolean;
  readonly #hidesDescriptors: boolean;
  /** Everything the client has not confirmed; undefined once it has been let go. */
  #unconfirmed: LogHold | undefined;
  /** Everything that could not even be sent, while attached. */
  #unsent: LogHold | undefined;
  #attached = false;
  /** Whether a connection was lost before, so that an attaching client takes up again rather than begins. */
  #resumes = false;
  /** The seq that is handed out next. */
  #position: number;
  /** The last seq that a resumed client missed and has not read yet; 0 when it is up to date. */
  #missed = 0;
  /** The last pushed seq that arrived while the client was still catching up. */
  #confirmedAhead = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Bytes that who only looks on may have just now, and when that was so. */
  #allowance = VIEWER_BYTES_PER_S;
  #allowedAt = performance.now();
  #refill: ReturnType<typeof setTimeout> | undefined;
  readonly #tell = () => {
    if (this.#attached) this.onAvailable?.();
  };

  constructor(id: ProcessId, log: OutputLog, options: SubscriptionOptions = {}) {
    const { lossless = true, afterSeq = 0, hidesDescriptors = false } = options;
    this.id = id;
    this.#log = log;
    this.#lossless = lossless;
    this.#hidesDescriptors = hidesDescriptors;
    this.#position = afterSeq + 1;
    if (lossless) this.#unconfirmed = log.hold(afterSeq, unconfirmed);
    log.listeners.add(this.#tell);
  }

  /** Whether somebody else looks at the log too. */
  get isShared(): boolean {
    return this.#log.listeners.size > 1;
  }

  /** Whether there is something to send. */
  get isAvailable(): boolean {
    return this.#position < this.#log.nextSeq;
  }

  /** A client is there. After a lost connection, it is given events from now on only. */
  attach(): void {
    clearTimeout(this.#timer);
    this.#attached = true;
    if (this.#resumes) this.#position = this.#log.nextSeq;
    if (!this.#lossless) return;
    this.#unsent = this.#log.hold(this.#position - 1, unsent);
    if (!this.#resumes) return;
    const end = this.#position - 1;
    // What has been evicted meanwhile is a gap; what has not is still there to be read.
    this.#unconfirmed ??= this.#log.hold(this.#log.firstSeq - 1, unconfirmed);
    if (this.#unconfirmed.seq === end) return;
    this.#missed = end;
    this.#waitForReading();
  }

  /** The client is gone. What it has not confirmed is kept for a while, and then let go. */
  detach(): void {
    this.#attached = false;
    this.onAvailable = this.onDisposed = undefined;
    clearTimeout(this.#timer);
    this.#resumes = true;
    if (this.#lossless) this.#timer = unref(setTimeout(() => this.#letGo(), DETACHED_HOLD_MS));
    this.#unsent?.release();
  }

  /** The next event to send, or a gap where it is no longer retained, or undefined where there is none yet. */
  next(): LogEvent | GapEvent | undefined {
    const event = this.#log.firstFrom(this.#position);
    if (!event || (!this.#lossless && !this.#mayHaveMore())) return undefined;
    if (event.seq > this.#position) {
      const gap: GapEvent = { kind: "gap", fromSeq: this.#position, toSeq: event.seq - 1 };
      this.#position = event.seq;
      Subscription.gapsTold++;
      return gap;
    }
    this.#position = event.seq + 1;
    this.#unsent?.advance(event.seq, event.offset);
    if (this.#isHidden(event)) return this.#passHidden(event);
    if (event.kind === "output") this.#allowance -= event.bytes.length;
    return event;
  }

  /** What of some output this client is told. */
  told<Output extends Pick<OutputEvent, "stream">>(output: readonly Output[]): readonly Output[] {
    if (!this.#hidesDescriptors) return output;
    return output.filter(({ stream }) => !isDescriptorStream(stream));
  }

  /** Goes on behind all that follows which is hidden too. */
  #passHidden(first: LogEvent): GapEvent {
    let last = first;
    for (let next = this.#log.at(last.seq + 1); next && this.#isHidden(next);) {
      last = next;
      next = this.#log.at(last.seq + 1);
    }
    this.#position = last.seq + 1;
    this.#unsent?.advance(last.seq, last.offset);
    return { kind: "gap", fromSeq: first.seq, toSeq: last.seq };
  }

  #isHidden(event: LogEvent): boolean {
    return this.#hidesDescriptors && event.kind === "output" && isDescriptorStream(event.stream);
  }

  /** Every event up to this one has arrived. */
  confirm(seq: number): void {
    if (this.#missed > 0) this.#confirmedAhead = Math.max(this.#confirmedAhead, seq);
    else this.#unconfirmed?.advance(seq);
  }

  /** The last seq that the client still has to read after a resume; 0 when there is none. */
  get missed(): number {
    return this.#missed;
  }

  /**
   * The client was sent an answer that tells what it missed before this seq. As long as it reads on it is waited for.
   *
   * @returns whether that was the last of it, so that {@linkcode caughtUp} is to be called once it has arrived
   */
  readTo(nextSeq: number): boolean {
    if (this.#missed === 0) return false;
    clearTimeout(this.#timer);
    if (nextSeq > this.#missed) return true;
    this.#waitForReading();
    return false;
  }

  /** A resumed client has read what it missed. */
  caughtUp(): void {
    if (this.#missed === 0) return;
    clearTimeout(this.#timer);
    const seq = Math.max(this.#missed, this.#confirmedAhead);
    this.#missed = this.#confirmedAhead = 0;
    this.#unconfirmed?.advance(seq);
  }

  /** Holds nothing any more, for good. */
  dispose(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#refill);
    this.onDisposed?.();
    this.#attached = false;
    this.onAvailable = this.onDisposed = undefined;
    this.#log.listeners.delete(this.#tell);
    this.#unsent?.release();
    this.#letGo();
  }

  /** Whether who only looks on may have more just now; asks for it again when that is so. */
  #mayHaveMore(): boolean {
    const now = performance.now();
    const earned = (now - this.#allowedAt) / 1000 * VIEWER_BYTES_PER_S;
    this.#allowance = Math.min(this.#allowance + earned, VIEWER_BYTES_PER_S);
    this.#allowedAt = now;
    if (this.#allowance > 0) return true;
    this.#refill ??= unref(setTimeout(() => {
      this.#refill = undefined;
      this.#tell();
    }, VIEWER_REFILL_MS));
    return false;
  }

  #waitForReading(): void {
    this.#timer = unref(setTimeout(() => this.caughtUp(), CATCH_UP_MS));
  }

  #letGo(): void {
    this.#missed = this.#confirmedAhead = 0;
    this.#unconfirmed?.release();
    this.#unconfirmed = undefined;
  }
}
