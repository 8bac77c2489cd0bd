import { CATCH_UP_MS, DETACHED_HOLD_MS, UNSENT_OUTPUT_BYTES } from "../limits.ts";
import type { LogHold } from "../log/log_hold.ts";
import type { OutputLog } from "../log/output_log.ts";
import type { LogEvent } from "../log/process_event.ts";

/**
 * The attached client's place in a log: a cursor that loses nothing.
 *
 * It knows two positions. What was handed out by {@linkcode next} is on its way; what was named to
 * {@linkcode confirm} has arrived. Everything unconfirmed is held in the log, and once that is a window full, the
 * process stops reading its child's output. What cannot even be sent has a smaller window, {@linkcode full}: many
 * processes behind one slow connection must not each fill a large one.
 *
 * A lost connection leaves both in force for a while, so that a client that comes back finds all it has not seen. It
 * reads that with `process/read`; new events are pushed meanwhile.
 */
export class Delivery {
  /** Called when {@linkcode next} has something new to give, while attached. */
  onAvailable: (() => void) | undefined;
  /** Called when {@linkcode full} has become false. */
  onRoom: (() => void) | undefined;
  /** Called when the process is forgotten, while attached. */
  onDisposed: (() => void) | undefined;

  readonly #log: OutputLog;
  /** Everything the client has not confirmed; undefined once it has been let go. */
  #hold: LogHold | undefined;
  #attached = false;
  /** Whether a connection was lost before, so that an attaching client takes up again rather than begins. */
  #resumes = false;
  /** The seq that is handed out next. */
  #position = 1;
  #sentOffset = 0;
  /** The last seq that a resumed client missed and has not read yet; 0 when it is up to date. */
  #missed = 0;
  /** The last pushed seq that arrived while the client was still catching up. */
  #confirmedAhead = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wasFull = false;

  constructor(log: OutputLog) {
    this.#log = log;
    this.#hold = log.hold(0);
    log.listeners.add(() => {
      if (this.#attached) this.onAvailable?.();
    });
  }

  /** Whether a window full of output is unsent or unconfirmed, so that no more should be read from the child. */
  get full(): boolean {
    const unsent = this.#attached ? this.#log.offset - this.#sentOffset : 0;
    return this.#wasFull = this.#hold !== undefined && (this.#hold.full || unsent >= UNSENT_OUTPUT_BYTES);
  }

  /** A client is there. After a lost connection, it is given events from now on only. */
  attach(): void {
    clearTimeout(this.#timer);
    this.#attached = true;
    if (!this.#resumes) return;
    const end = this.#log.nextSeq - 1;
    this.#position = end + 1;
    this.#sentOffset = this.#log.offset;
    // What has been evicted meanwhile is a gap; what has not is still there to be read.
    this.#hold ??= this.#log.hold(this.#log.firstSeq - 1);
    if (this.#hold.seq === end) return;
    this.#missed = end;
    this.#waitForReading();
  }

  /** The client is gone. What it has not confirmed is kept for a while, and then let go. */
  detach(): void {
    this.#attached = false;
    this.onAvailable = this.onDisposed = undefined;
    clearTimeout(this.#timer);
    this.#resumes = true;
    this.#timer = unref(setTimeout(() => this.#letGo(), DETACHED_HOLD_MS));
    this.#tellOfRoom();
  }

  /** The next event to send, or undefined where there is none yet. */
  next(): LogEvent | undefined {
    const event = this.#log.firstFrom(this.#position);
    if (!event) return undefined;
    this.#position = event.seq + 1;
    this.#sentOffset = event.offset;
    this.#tellOfRoom();
    return event;
  }

  /** Every event up to this one has arrived. */
  confirm(seq: number): void {
    if (this.#missed > 0) this.#confirmedAhead = Math.max(this.#confirmedAhead, seq);
    else this.#advance(seq);
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
    this.#advance(seq);
  }

  /** Holds nothing any more, for good. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.onDisposed?.();
    this.#attached = false;
    this.onAvailable = this.onDisposed = undefined;
    this.#letGo();
  }

  #waitForReading(): void {
    this.#timer = unref(setTimeout(() => this.caughtUp(), CATCH_UP_MS));
  }

  #advance(seq: number): void {
    this.#hold?.advance(seq);
    this.#tellOfRoom();
  }

  #letGo(): void {
    this.#missed = this.#confirmedAhead = 0;
    this.#hold?.release();
    this.#hold = undefined;
    this.#tellOfRoom();
  }

  #tellOfRoom(): void {
    if (this.#wasFull && !this.full) this.onRoom?.();
  }
}

/** A timer that keeps no program alive. */
function unref(timer: ReturnType<typeof setTimeout>): ReturnType<typeof setTimeout> {
  (timer as { unref?: () => void }).unref?.();
  return timer;
}
