import { setImmediate } from "node:timers";
import {
  SCREEN_CELLS,
  SCREEN_LAG_BYTES,
  SCREEN_LAG_EVENTS,
  SCREEN_REST_FACTOR,
  SCREEN_SLICE_BYTE_CELLS,
  SCREEN_SLICE_BYTES,
  SCREEN_SLICE_LEAST_BYTES,
  SCREEN_TURN_MS,
} from "../limits.ts";
import type { OutputLog } from "../log/output_log.ts";
import type { OutputEvent } from "../log/process_event.ts";
import { internalError, invalidRequest } from "../protocol/errors.ts";
import type { TerminalSize } from "../protocol/schemas/process.ts";
import type { ScreenResult } from "../protocol/schemas/screen.ts";
import { createEmulator, type Emulator } from "./emulator.ts";
import { picture, type PictureOptions } from "./picture.ts";

/** What a screen shows: a log of output, and the terminal's size at each of its events. */
export interface ScreenSource {
  readonly log: OutputLog;
  readonly sizes: { readonly current: TerminalSize; at(seq: number): TerminalSize };
}

/** Ends an escape code that has only begun. */
const cancel = "\x18";

/**
 * What a person in front of a process's terminal would see: one more cursor into its log.
 *
 * It begins with what the log retains. Then it moves on when somebody looks, or before what it has not seen is evicted;
 * a flood may overtake it, and it says how much it missed. It never holds the process up.
 */
export class Screen {
  readonly #log: OutputLog;
  readonly #sizes: ScreenSource["sizes"];
  #emulator: Emulator | undefined;
  #decoder = newDecoder();
  /** The last event that is on the screen. */
  #seq = 0;
  /** Bytes of output up to there, and how many of them were gone before they could be read. */
  #offset = 0;
  #missedBytes = 0;
  /** The end of what was begun last: one thing is done at a time. */
  #last: Promise<unknown> = Promise.resolve();
  /** Whether it is being brought up to date though nobody looks, and until when it rests from that. */
  #keepingUp = false;
  #restsUntil = 0;
  readonly #onEvent = () => this.#keepUp();

  constructor({ log, sizes }: ScreenSource) {
    this.#log = log;
    this.#sizes = sizes;
    log.listeners.add(this.#onEvent);
  }

  /**
   * What it shows now, after every event that the log has at this moment.
   *
   * @throws {RpcError} -32600 when the terminal's size is one that no screen is kept for, -32603 when the emulator fails
   */
  look(options: PictureOptions): Promise<ScreenResult> {
    return this.#inTurn(async () => {
      refuseSize(this.#sizes.current);
      const emulator = await this.#catchUp();
      return picture({ emulator, seq: this.#seq, missedBytes: this.#missedBytes }, options);
    });
  }

  /** Follows the log no more. */
  dispose(): void {
    this.#log.listeners.delete(this.#onEvent);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  /** Takes in everything that the log has at this moment, even if it is evicted meanwhile. */
  async #catchUp(): Promise<Emulator> {
    const { chunks, nextSeq } = this.#log.read({ afterSeq: this.#seq });
    const emulator = this.#emulator ??= await createEmulator(this.#sizeAt(chunks[0]?.seq ?? nextSeq));
    try {
      const turn = new Turn();
      for (const chunk of chunks) {
        emulator.resize(this.#sizeAt(chunk.seq));
        this.#skipTo(emulator, chunk);
        await this.#feed(emulator, chunk.bytes, turn);
        this.#seq = chunk.seq;
        this.#offset = chunk.offset;
      }
      this.#seq = nextSeq - 1;
      emulator.resize(this.#sizeAt(nextSeq));
      return emulator;
    } catch (error) {
      this.#startAnew();
      throw internalError(`cannot show the screen: ${(error as Error).message}`, { cause: error });
    }
  }

  async #feed(emulator: Emulator, bytes: Uint8Array, turn: Turn): Promise<void> {
    const length = sliceBytes(emulator.size);
    for (let start = 0; start < bytes.length; start += length) {
      emulator.write(this.#decoder.decode(bytes.subarray(start, start + length), { stream: true }));
      if (turn.isOver()) await turn.pass();
    }
  }

  /** The terminal's size at an event, or its last one where that is beyond a screen. */
  #sizeAt(seq: number): TerminalSize {
    const size = this.#sizes.at(seq);
    return fits(size) ? size : this.#emulator?.size ?? this.#sizes.current;
  }

  /** Notes what is missing before a chunk, and lets nothing that was cut off there spoil what follows. */
  #skipTo(emulator: Emulator, chunk: OutputEvent): void {
    const missed = chunk.offset - chunk.bytes.length - this.#offset;
    if (missed === 0) return;
    this.#missedBytes += missed;
    this.#decoder = newDecoder();
    emulator.write(cancel);
  }

  /** Forgets everything, so that the next look begins again with what the log retains. */
  #startAnew(): void {
    this.#emulator = undefined;
    this.#decoder = newDecoder();
    this.#seq = this.#offset = this.#missedBytes = 0;
  }

  /** Brings a screen that was looked at up to date when enough has come, and then rests a while. */
  #keepUp(): void {
    if (!this.#emulator) return;
    const { offset, nextSeq } = this.#log;
    const lags = offset - this.#offset >= SCREEN_LAG_BYTES || nextSeq - this.#seq > SCREEN_LAG_EVENTS;
    if (!lags || this.#keepingUp || performance.now() < this.#restsUntil) return;
    this.#keepingUp = true;
    this.#inTurn(async () => {
      const started = performance.now();
      // Where this fails, the next look does so again, and says why.
      await this.#catchUp().catch(() => {});
      const now = performance.now();
      this.#restsUntil = now + (now - started) * SCREEN_REST_FACTOR;
      this.#keepingUp = false;
    });
  }
}

/** Some milliseconds of work, after which everybody else may go first. */
class Turn {
  #started = performance.now();

  isOver(): boolean {
    return performance.now() - this.#started >= SCREEN_TURN_MS;
  }

  async pass(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#started = performance.now();
  }
}

/** Bytes that are no UTF-8 are shown as U+FFFD, as terminals do; a character may be cut anywhere. */
function newDecoder(): TextDecoder {
  return new TextDecoder("utf-8", { ignoreBOM: true });
}

/** Whether a screen is kept of a terminal of this size. The emulator knows no terminal of one column. */
function fits({ rows, cols }: TerminalSize): boolean {
  return rows * cols <= SCREEN_CELLS && cols >= 2;
}

function sliceBytes({ rows, cols }: TerminalSize): number {
  const bytes = Math.floor(SCREEN_SLICE_BYTE_CELLS / (rows * cols));
  return Math.min(Math.max(bytes, SCREEN_SLICE_LEAST_BYTES), SCREEN_SLICE_BYTES);
}

function refuseSize(size: TerminalSize): void {
  if (fits(size)) return;
  throw invalidRequest(
    `no screen is kept of a terminal of ${size.rows} rows and ${size.cols} columns: ` +
      `there must be at least 2 columns, and at most ${SCREEN_CELLS} cells`,
  );
}
