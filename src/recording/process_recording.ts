import { LogCursor } from "../log/log_cursor.ts";
import type { KeyboardChange } from "../process/keyboard.ts";
import type { ManagedProcess } from "../process/managed_process.ts";
import type { TerminalSize } from "../protocol/schemas/process.ts";
import { CastFile } from "./cast_file.ts";
import { castHeader, ProcessCast } from "./cast_of_process.ts";
import { CastWriter } from "./cast_writer.ts";

/** What of a process is recorded, and where. */
export interface ProcessRecordingOptions {
  readonly path: string;
  /** Bytes of the file; what comes after them is left out. */
  readonly maxBytes: number;
  /** Only events behind this one; 0, everything, by default. */
  readonly afterSeq?: number | undefined;
  /** When it begins, in milliseconds since the process's start; 0 by default. */
  readonly startMs?: number | undefined;
  /** Whether what is typed is recorded, too; false by default. */
  readonly recordsInput?: boolean | undefined;
  /** What its terminal showed after that event, and at which size. */
  readonly picture?: { readonly text: string; readonly size: TerminalSize } | undefined;
}

/** What came of a recording. */
export interface RecordingOutcome {
  readonly bytes: number;
  /** How many times output was missing. */
  readonly gaps: number;
  /** Why it ended early; undefined where it did not. */
  readonly error: Error | undefined;
}

/** Records what one process prints, and who takes its keyboard, until it has closed. The process does not wait for it. */
export class ProcessRecording {
  readonly process: ManagedProcess;
  /** Resolves once it has ended and is written, or could not be. */
  readonly ended: Promise<RecordingOutcome>;
  readonly #file: CastFile;
  readonly #cast: ProcessCast;
  readonly #cursor: LogCursor;
  #lastSeq: number;
  #stopAt = Infinity;

  constructor(process: ManagedProcess, options: ProcessRecordingOptions) {
    const { path, maxBytes, afterSeq = 0, startMs = 0, recordsInput, picture } = options;
    this.process = process;
    this.#file = new CastFile(path, maxBytes);
    this.#lastSeq = afterSeq;
    const write = (line: string) => this.#file.write(line);
    const size = picture?.size ?? process.sizes?.at(afterSeq + 1);
    const { state } = CastWriter.begin(castHeader(process, size, startMs), startMs, write);
    const begun = { seq: afterSeq + 1, sizedTo: afterSeq, cast: state };
    this.#cast = new ProcessCast(process, begun, write, size);
    if (picture) this.#cast.writer.output(startMs, "pty", new TextEncoder().encode(picture.text));
    this.#cursor = new LogCursor(process.log, { afterSeq });
    process.keyboard.listeners.add(this.#keyboardChanged);
    if (recordsInput) process.typed.add(this.#typed);
    this.ended = this.#follow();
  }

  get path(): string {
    return this.#file.path;
  }

  /** Resolves when there is a file. @throws {Error} the operating system's, where there can be none */
  begun(): Promise<void> {
    return this.#file.flush();
  }

  /** Ends it with what there is now. */
  stop(): Promise<RecordingOutcome> {
    this.#stopAt = this.process.log.nextSeq - 1;
    if (this.#lastSeq >= this.#stopAt) void this.#cursor.return();
    return this.ended;
  }

  async #follow(): Promise<RecordingOutcome> {
    let error: Error | undefined;
    try {
      await this.#record();
    } catch (reason) {
      error = reason as Error;
    }
    this.process.keyboard.listeners.delete(this.#keyboardChanged);
    this.process.typed.delete(this.#typed);
    return { bytes: this.#file.bytes, gaps: this.#cast.gaps, error };
  }

  async #record(): Promise<void> {
    for await (const event of this.#cursor) {
      if (event.kind === "output") this.#cast.output(event);
      if ("seq" in event) this.#lastSeq = event.seq;
      await this.#file.room();
      if (this.#file.isFull) return await this.#file.flush();
      if (this.#lastSeq >= this.#stopAt) break;
    }
    this.#cast.end(this.#lastSeq);
    await this.#file.flush();
  }

  readonly #typed = (bytes: Uint8Array, isSecret: boolean) => {
    this.#cast.writer.input(this.process.ageMs, bytes, isSecret);
  };

  readonly #keyboardChanged = ({ from, note }: KeyboardChange) => {
    const { keyboard: { holder }, ageMs } = this.process;
    const who = holder ?? from;
    const what = holder ? "took the keyboard" : `gave the keyboard back after ${from?.typedBytes ?? 0} bytes`;
    const said = note === undefined ? "" : `: ${note}`;
    this.#cast.writer.marker(ageMs, `${who?.clientName || "somebody"} ${what}${said}`);
  };
}
