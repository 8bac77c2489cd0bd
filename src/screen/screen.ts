import {
  SCREEN_ASK_MS,
  SCREEN_CELLS,
  SCREEN_LAG_BYTES,
  SCREEN_LAG_EVENTS,
  SCREEN_REST_FACTOR,
  SCREEN_SLICE_BYTE_CELLS,
  SCREEN_SLICE_BYTES,
  SCREEN_SLICE_LEAST_BYTES,
  SCREEN_UNSEEN_REST_FACTOR,
} from "../limits.ts";
import type { LogSlice, OutputLog } from "../log/output_log.ts";
import type { OutputEvent } from "../log/process_event.ts";
import { failed, refused } from "../native/operation_error.ts";
import { isDescriptorStream } from "../protocol/descriptor_streams.ts";
import type { TerminalSize } from "../protocol/schemas/process.ts";
import type { ScreenResult } from "../protocol/schemas/screen.ts";
import type { Emulator } from "./emulator.ts";
import { drawsScreen } from "./draws_screen.ts";
import { EvictedOutput } from "./evicted_output.ts";
import type { PictureOptions } from "./picture.ts";
import { TerminalModes } from "./terminal_modes.ts";
import { Turns } from "./turns.ts";

/** What a screen shows: a log of output, and the terminal's size at each of its events. */
export interface ScreenSource {
  readonly log: OutputLog;
  readonly sizes: { readonly current: TerminalSize; at(seq: number): TerminalSize };
  /** Shared by screens that take turns; by default it has its own. */
  readonly turns?: Turns;
}

/** Who is told of a screen. */
export interface ScreenOptions {
  /** Called when it takes room in memory. */
  readonly onOpen?: () => void;
  /**
   * Takes what a terminal answers to what a program asks it. Then the screen follows the output at once, and each
   * question is answered once.
   */
  readonly answer?: ((text: string) => void) | undefined;
}

/** What is read of a log at one moment. */
interface Stretch extends Pick<LogSlice, "chunks" | "nextSeq"> {
  /** What is known to have been set up to there, where output before it is missing. */
  readonly modes: TerminalModes | undefined;
}

/** Missing output, until the escape code that it was cut off in has ended. */
interface Gap {
  /** What is known to have been set up to its end. */
  readonly modes: TerminalModes;
  /** Where it begins. */
  readonly since: number;
}

/**
 * What a person in front of a process's terminal would see: one more cursor into its log.
 *
 * It moves on when somebody looks, or before what it has not seen is evicted; a flood may overtake it, and it says how
 * much it missed. It never holds the process up. What was evicted is looked through for what it has set, so that
 * whatever follows is read as it was meant.
 */
export class Screen {
  readonly #log: OutputLog;
  readonly #sizes: ScreenSource["sizes"];
  readonly #turns: Turns;
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
  /** The last event that was looked at for whether to begin without somebody who looks. */
  #askedSeq = 0;
  #restsUntil = 0;
  /** When it was last its turn to be brought up to date. */
  #beganAt = 0;
  readonly #onEvent = () => this.#keepUp();
  readonly #options: ScreenOptions;
  /** The last event whose questions were answered. */
  #answeredSeq = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #gap: Gap | undefined;
  readonly #evicted = new EvictedOutput();
  #seen = false;
  /** Whether it does nothing until somebody looks. */
  #closed = false;

  constructor({ log, sizes, turns = new Turns() }: ScreenSource, options: ScreenOptions = {}) {
    this.#log = log;
    this.#sizes = sizes;
    this.#turns = turns;
    this.#options = options;
    log.listeners.add(this.#onEvent);
    log.onEvicted = (output) => this.#evicted.take(output);
  }

  /** Whether somebody has looked at it since it was opened, or its program may ask it. */
  get seen(): boolean {
    return this.#seen || this.answers;
  }

  /** Whether it answers what its program asks. */
  get answers(): boolean {
    return this.#options.answer !== undefined;
  }

  /** Whether it could be made again from what the log retains. */
  get replaceable(): boolean {
    return this.#evicted.modes === undefined;
  }

  /**
   * What it shows now, after every event that the log has at this moment.
   *
   * @throws {OperationError} REFUSED when the terminal's size is one that no screen is kept for, FAILED when the emulator fails
   */
  look(options: PictureOptions): Promise<ScreenResult> {
    return this.#inTurn(async () => {
      refuseSize(this.#sizes.current);
      this.#seen = true;
      this.#closed = false;
      const emulator = await this.#catchUp();
      const { picture } = await import("./picture.ts");
      return picture({ emulator, seq: this.#seq, missedBytes: this.#missedBytes }, options);
    });
  }

  /** Gives its memory back. The next look begins again with what the log retains. */
  close(): void {
    this.#closed = true;
    void this.#inTurn(() => {
      if (this.#closed) this.#startAnew();
      return Promise.resolve();
    });
  }

  /** Nobody looks any more: it keeps up with less of this program's time. */
  unsee(): void {
    this.#seen = false;
  }

  /** Follows the log no more. */
  dispose(): void {
    this.close();
    clearTimeout(this.#timer);
    this.#log.listeners.delete(this.#onEvent);
    this.#log.onEvicted = undefined;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  /** Takes in everything that the log has at this moment, even if it is evicted before its turn comes. */
  async #catchUp(): Promise<Emulator> {
    const stretch = this.#readOn();
    await this.#turns.take();
    this.#beganAt = performance.now();
    try {
      return await this.#takeIn(stretch);
    } finally {
      this.#turns.end();
    }
  }

  #readOn(): Stretch {
    const { chunks, nextSeq } = this.#log.read({ afterSeq: this.#seq });
    const modes = this.#missedBefore(chunks[0]) > 0 ? this.#evicted.modes?.copy() : undefined;
    return { chunks, nextSeq, modes };
  }

  async #takeIn({ chunks, nextSeq, modes }: Stretch): Promise<Emulator> {
    const emulator = this.#emulator ?? await this.#open(chunks[0]?.seq ?? nextSeq);
    try {
      const missed = this.#missedBefore(chunks[0]);
      if (missed > 0) this.#gap = { modes: modes ?? new TerminalModes(), since: this.#offset };
      this.#missedBytes += missed;
      for (const chunk of chunks) {
        emulator.resize(this.#sizeAt(chunk.seq));
        emulator.onAnswer = chunk.seq > this.#answeredSeq ? this.#options.answer : undefined;
        if (!isDescriptorStream(chunk.stream)) {
          await this.#feed(emulator, this.#gap ? this.#skip(emulator, this.#gap, chunk) : chunk.bytes);
        }
        this.#seq = chunk.seq;
        this.#offset = chunk.offset;
        this.#answeredSeq = Math.max(this.#answeredSeq, chunk.seq);
      }
      this.#seq = nextSeq - 1;
      emulator.resize(this.#sizeAt(nextSeq));
      return emulator;
    } catch (error) {
      this.#startAnew();
      throw failed(`cannot show the screen: ${(error as Error).message}`, { cause: error });
    }
  }

  async #open(seq: number): Promise<Emulator> {
    // Loaded with the first screen: most servers show none.
    const { createEmulator } = await import("./emulator.ts");
    this.#emulator = await createEmulator(this.#sizeAt(seq));
    this.#options.onOpen?.();
    return this.#emulator;
  }

  #missedBefore(chunk: OutputEvent | undefined): number {
    return chunk ? chunk.offset - chunk.bytes.length - this.#offset : 0;
  }

  /** Lets nothing that was cut off spoil what follows. @returns what of the chunk is whole */
  #skip(emulator: Emulator, { modes, since }: Gap, { bytes }: OutputEvent): Uint8Array {
    const rest = modes.afterCode(bytes);
    if (modes.isInside) return rest;
    this.#gap = undefined;
    this.#decoder = newDecoder();
    emulator.skipTo(modes, since);
    // The rest of a character, which is no more than 3 bytes.
    const whole = rest.findIndex((byte, index) => index === 3 || (byte & 0xc0) !== 0x80);
    return rest.subarray(Math.max(whole, 0));
  }

  async #feed(emulator: Emulator, bytes: Uint8Array): Promise<void> {
    const length = sliceBytes(emulator.size);
    for (let start = 0; start < bytes.length; start += length) {
      emulator.write(this.#decoder.decode(bytes.subarray(start, start + length), { stream: true }));
      if (this.#turns.isOver()) await this.#turns.pass();
    }
  }

  /** The terminal's size at an event, or its last one where that is beyond a screen. */
  #sizeAt(seq: number): TerminalSize {
    const size = this.#sizes.at(seq);
    return fits(size) ? size : this.#emulator?.size ?? this.#sizes.current;
  }

  /** Forgets everything, so that the next look begins again with what the log retains. */
  #startAnew(): void {
    this.#emulator = this.#gap = undefined;
    this.#decoder = newDecoder();
    this.#seq = this.#offset = this.#missedBytes = 0;
  }

  /** Whether what is drawn now may be needed by a look that comes when it is evicted. Once a second is enough to ask. */
  #isWorthwhile(): boolean {
    if (drawsScreen(this.#log.read({ afterSeq: this.#askedSeq, maxBytes: SCREEN_LAG_BYTES }).chunks)) {
      return true;
    }
    this.#askedSeq = this.#log.nextSeq - 1;
    this.#restsUntil = performance.now() + SCREEN_ASK_MS;
    return false;
  }

  /** Brings the screen up to date when enough has come, and then rests a while. */
  #keepUp(): void {
    if (this.#closed || this.#keepingUp || !this.#lags || !fits(this.#sizes.current)) return;
    const rest = this.#restsUntil - performance.now();
    if (rest > 0) return this.#options.answer && this.#keepUpAfter(rest);
    if (!this.#emulator && !this.#options.answer && !this.#isWorthwhile()) return;
    this.#keepingUp = true;
    this.#inTurn(async () => {
      // Where this fails, the next look does so again, and says why.
      await this.#catchUp().catch(() => {});
      const now = performance.now();
      const factor = this.#seen || this.#options.answer ? SCREEN_REST_FACTOR : SCREEN_UNSEEN_REST_FACTOR;
      this.#restsUntil = now + (now - this.#beganAt) * factor;
      this.#keepingUp = false;
      if (this.#options.answer) this.#keepUp();
    });
  }

  /** Whether enough has come; a program that asks waits for its answer. */
  get #lags(): boolean {
    const { offset, nextSeq } = this.#log;
    if (this.#options.answer) return offset > this.#offset;
    return offset - this.#offset >= SCREEN_LAG_BYTES || nextSeq - this.#seq > SCREEN_LAG_EVENTS;
  }

  #keepUpAfter(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#keepUp();
    }, ms);
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
  throw refused(
    `no screen is kept of a terminal of ${size.rows} rows and ${size.cols} columns: ` +
      `there must be at least 2 columns, and at most ${SCREEN_CELLS} cells`,
  );
}
