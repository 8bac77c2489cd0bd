import { RECORDING_BYTES } from "../limits.ts";
import { failureText, osErrorCode } from "../native/os_errors.ts";
import { isDescriptorStream } from "../protocol/descriptor_streams.ts";
import type { OutputStream, TerminalSize } from "../protocol/schemas/process.ts";
import { CastFile } from "../recording/cast_file.ts";
import { castSize, castTerm } from "../recording/cast_of_process.ts";
import { CastWriter } from "../recording/cast_writer.ts";
import { UsageError } from "./usage_error.ts";

/** What is recorded. */
export interface RecordedProcess {
  readonly tty: boolean;
  readonly size: TerminalSize | undefined;
  readonly name: string | null | undefined;
}

/** A recording on this machine of what comes from a process, with the times at which it comes. */
export class LocalRecording implements AsyncDisposable {
  readonly #file: CastFile;
  readonly #cast: CastWriter;
  #hasEnded = false;

  private constructor(path: string, { tty, size, name }: RecordedProcess) {
    this.#file = new CastFile(path, RECORDING_BYTES);
    const header = {
      size: castSize(size),
      timestamp: Math.floor(Date.now() / 1000),
      term: castTerm(tty),
      title: name ?? undefined,
    };
    this.#cast = CastWriter.begin(header, performance.now(), (line) => this.#file.write(line));
  }

  /** @throws {UsageError} where the file exists, and where there can be none */
  static async create(path: string, process: RecordedProcess): Promise<LocalRecording> {
    const recording = new LocalRecording(path, process);
    try {
      await recording.#file.flush();
    } catch (error) {
      const remedy = osErrorCode(error) === "EEXIST" ? "; remove it, or choose another name" : "";
      throw new UsageError(`Cannot write "${path}": ${failureText(error)}${remedy}`, { cause: error });
    }
    return recording;
  }

  /** Takes output; what comes on descriptors is nothing that a person sees. Resolves when there is room for more. @throws {Error} which names the file */
  async output(stream: OutputStream, bytes: Uint8Array): Promise<void> {
    if (isDescriptorStream(stream)) return;
    this.#cast.output(performance.now(), stream, bytes);
    await this.#written(this.#file.room());
  }

  resize(size: TerminalSize): void {
    this.#cast.resize(performance.now(), size);
  }

  marker(text: string): void {
    this.#cast.marker(performance.now(), text);
  }

  /** @param exitCode null where it has not exited. @throws {Error} which names the file */
  async end(exitCode: number | null): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#cast.end(performance.now(), exitCode);
    await this.#written(this.#file.flush());
  }

  /** What cannot be written any more is told by {@linkcode end}, where that is called before. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.end(null).catch(() => {});
  }

  async #written(writing: Promise<void>): Promise<void> {
    try {
      await writing;
    } catch (error) {
      throw new Error(`Cannot write "${this.#file.path}": ${failureText(error)}`, { cause: error });
    }
  }
}
