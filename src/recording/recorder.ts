import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { RECORD_FLUSH_BYTES, RECORD_FLUSH_MS, SHUTDOWN_MS } from "../limits.ts";
import { LogCursor } from "../log/log_cursor.ts";
import type { Logger } from "../observe/logger.ts";
import type { ManagedProcess } from "../process/managed_process.ts";
import { castSize, castTerm } from "./cast_of_process.ts";
import { CastWriter } from "./cast_writer.ts";
import { unref } from "../unref.ts";

/** What a server records, and where. */
export interface RecorderOptions {
  readonly folder: string;
  /** Every process, or those on a terminal. */
  readonly what: "all" | "tty";
  /** Bytes of one recording; what comes after them is left out. */
  readonly maxBytes: number;
  readonly logger: Logger;
}

/** Records what processes print to files that only this program's user may read. No process waits for it. */
export class Recorder implements AsyncDisposable {
  readonly #options: RecorderOptions;
  readonly #recordings = new Set<Promise<void>>();

  private constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** @throws {Error} the operating system's, where there can be no such folder */
  static async open(options: RecorderOptions): Promise<Recorder> {
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    return new Recorder(options);
  }

  /** Records a process that has just been started, to a file named for the time and its handle. */
  record(process: ManagedProcess): void {
    if (this.#options.what === "tty" && !process.tty) return;
    const recording = this.#record(process).catch((error: Error) =>
      this.#options.logger.error("recording ended", {
        process: process.handle,
        reason: error.message,
        remedy: "the process goes on; it is not recorded any more",
      })
    ).finally(() => this.#recordings.delete(recording));
    this.#recordings.add(recording);
  }

  /** Resolves when what was recorded is written, unless the disk takes too long. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.race([Promise.all(this.#recordings), pause(SHUTDOWN_MS, undefined, { ref: false })]);
  }

  async #record(process: ManagedProcess): Promise<void> {
    const date = new Date(process.startedAtMs).toISOString().replace(/[-:]|\..*/g, "");
    const file = new CastFile(
      join(this.#options.folder, `${date}-${process.handle}.cast`),
      this.#options.maxBytes,
    );
    const writer = CastWriter.begin(
      {
        size: castSize(process.sizes?.current),
        timestamp: Math.floor(process.startedAtMs / 1000),
        term: castTerm(process.tty),
        title: process.name,
      },
      performance.now(),
      (line) => file.write(line),
    );
    process.resized.add((size) => writer.resize(performance.now(), size));
    for await (const event of new LogCursor(process.log)) {
      const now = performance.now();
      if (event.kind === "output") writer.output(now, event.stream, event.bytes);
      else if (event.kind === "gap") writer.marker(now, `gap: events ${event.fromSeq} to ${event.toSeq}`);
      await file.room();
      if (file.isFull) return await file.flush();
    }
    writer.end(performance.now(), process.state.exitCode);
    await file.flush();
  }
}

/** A file of lines, written now and then. */
class CastFile {
  readonly #path: string;
  readonly #maxBytes: number;
  #lines: string[] = [];
  #chars = 0;
  #bytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flushing: Promise<void> = Promise.resolve();
  #isNew = true;
  isFull = false;

  constructor(path: string, maxBytes: number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
  }

  write(line: string): void {
    if (this.isFull) return;
    if (this.#bytes + line.length > this.#maxBytes) {
      this.isFull = true;
      line = '[0.000, "m", "the recording has reached its limit"]';
    }
    this.#lines.push(line, "\n");
    this.#chars += line.length + 1;
    this.#bytes += line.length + 1;
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.flush().catch(() => {}), RECORD_FLUSH_MS);
    unref(this.#timer);
  }

  /** Waits for the disk where much is to be written. */
  async room(): Promise<void> {
    if (this.#chars >= RECORD_FLUSH_BYTES) await this.flush();
  }

  /** @throws {Error} the operating system's, then and from then on */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#lines.join("");
    this.#lines = [];
    this.#chars = 0;
    if (text === "") return this.#flushing;
    const flag = this.#isNew ? "ax" : "a";
    this.#isNew = false;
    return this.#flushing = this.#flushing.then(() => appendFile(this.#path, text, { mode: 0o600, flag }));
  }
}
