import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { RECORDING_BYTES, RECORDINGS, SHUTDOWN_MS } from "../limits.ts";
import { refused } from "../native/operation_error.ts";
import type { Logger } from "../observe/logger.ts";
import type { ManagedProcess } from "../process/managed_process.ts";
import {
  ProcessRecording,
  type ProcessRecordingOptions,
  type RecordingOutcome,
} from "./process_recording.ts";

/** What a server records, and where. */
export interface RecorderOptions {
  /** Where recordings go that are given no path; undefined where they need one. */
  readonly folder?: string | undefined;
  /** What is recorded without being asked for: every process, those on a terminal, or none. */
  readonly what?: "all" | "tty" | undefined;
  /** Whether what is typed is recorded without being asked for, too; false by default. */
  readonly recordsInput?: boolean | undefined;
  /** Bytes of one recording at the most; what comes after them is left out. */
  readonly maxBytes?: number | undefined;
  readonly logger: Logger;
}

/** A recording that somebody asked for. */
export interface RequestedRecording {
  readonly id: string;
  readonly path: string;
}

/** Records what processes print to files that only this program's user may read. No process waits for it. */
export class Recorder implements AsyncDisposable {
  readonly #options: RecorderOptions;
  readonly #maxBytes: number;
  readonly #recordings = new Set<ProcessRecording>();
  /** Those that somebody asked for, until they are stopped or their process is forgotten. */
  readonly #requested = new Map<string, ProcessRecording>();

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#maxBytes = options.maxBytes ?? RECORDING_BYTES;
  }

  /** @throws {Error} the operating system's, where there can be no such folder */
  static async open(options: RecorderOptions & { readonly folder: string }): Promise<Recorder> {
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    return new Recorder(options);
  }

  /** Records a process that has just been started, where that is to be, to a file named for the time and its handle. */
  record(process: ManagedProcess): void {
    const { what, folder, recordsInput } = this.#options;
    if (folder === undefined || what === undefined || (what === "tty" && !process.tty)) return;
    const path = join(folder, `${dateOf(process.startedAtMs)}-${process.handle}.cast`);
    this.#follow(new ProcessRecording(process, { path, recordsInput, maxBytes: this.#maxBytes }));
  }

  /**
   * Records a process from some event on.
   *
   * @param options.path where to; a new name in the folder of recordings where absent
   * @throws {OperationError} REFUSED for too many, and without a path where there is no folder
   * @throws {Error} the operating system's, where there can be no such file
   */
  async begin(
    process: ManagedProcess,
    { path, maxBytes, ...rest }: Partial<ProcessRecordingOptions>,
  ): Promise<RequestedRecording> {
    const running = [...this.#requested.values()].filter((recording) => this.#recordings.has(recording));
    if (running.length >= RECORDINGS) throw refused(`at most ${RECORDINGS} recordings at once: stop some`);
    const id = randomUUID();
    const recording = new ProcessRecording(process, {
      startMs: process.ageMs,
      ...rest,
      path: path ?? this.#newPath(process, id),
      maxBytes: Math.min(maxBytes ?? Infinity, this.#maxBytes),
    });
    this.#requested.set(id, recording);
    try {
      await recording.begun();
    } catch (error) {
      this.#requested.delete(id);
      void recording.stop();
      throw error;
    }
    this.#follow(recording);
    const forget = () => {
      process.forgotten.delete(forget);
      this.#requested.delete(id);
    };
    process.forgotten.add(forget);
    return { id, path: recording.path };
  }

  /** Where recordings go that are given no path; undefined where they need one. */
  get folder(): string | undefined {
    return this.#options.folder;
  }

  /** Whether a file is still written to. */
  isWriting(path: string): boolean {
    return [...this.#recordings].some((recording) => recording.path === path);
  }

  /** Ends a recording that somebody asked for. @throws {OperationError} REFUSED for an unknown one */
  async stop(id: string): Promise<RecordingOutcome> {
    const recording = this.#requested.get(id);
    if (!recording) throw refused(`unknown recording id ${id}`);
    this.#requested.delete(id);
    return await recording.stop();
  }

  /** Resolves when what was recorded is written, unless the disk takes too long. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ended = [...this.#recordings].map((recording) => recording.stop());
    await Promise.race([Promise.all(ended), pause(SHUTDOWN_MS, undefined, { ref: false })]);
  }

  #follow(recording: ProcessRecording): void {
    this.#recordings.add(recording);
    void recording.ended.then(({ error }) => {
      this.#recordings.delete(recording);
      if (!error) return;
      this.#options.logger.error("recording ended", {
        process: recording.process.handle,
        reason: error.message,
        remedy: "the process goes on; it is not recorded any more",
      });
    });
  }

  #newPath({ handle }: ManagedProcess, id: string): string {
    const { folder } = this.#options;
    if (folder === undefined) {
      throw refused("give the recording a path: this server has no folder for recordings (--record-dir)");
    }
    // Beside the one of the whole process, and others of the same second.
    return join(folder, `${dateOf(Date.now())}-${handle}-${id.slice(0, 8)}.cast`);
  }
}

/** A time as a file's name has it. */
function dateOf(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\..*/g, "");
}
