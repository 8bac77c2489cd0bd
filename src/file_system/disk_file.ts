import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import type { CallShare } from "../host/waiting_calls.ts";

/** An open file, whose calls wait in their client's share. It must be closed. */
export class DiskFile implements AsyncDisposable {
  readonly #handle: FileHandle;
  readonly #calls: CallShare;
  /** Called when it is closed: its descriptor's number may be another file's from then on. */
  onClose: (() => void) | undefined;

  constructor(handle: FileHandle, calls: CallShare) {
    this.#handle = handle;
    this.#calls = calls;
  }

  /** The number of the descriptor. */
  get fd(): number {
    return this.#handle.fd;
  }

  stat(): Promise<Stats> {
    return this.#calls.run(() => this.#handle.stat());
  }

  /** Reads into a part of the bytes, from the file's own position for null; how many bytes came, 0 at the end. */
  async read(bytes: Uint8Array, offset: number, length: number, position: number | null): Promise<number> {
    return (await this.#calls.run(() => this.#handle.read(bytes, offset, length, position))).bytesRead;
  }

  /** Writes a part of the bytes, at the file's own position for null; how many were taken. */
  async write(bytes: Uint8Array, offset: number, length: number, position: number | null): Promise<number> {
    return (await this.#calls.run(() => this.#handle.write(bytes, offset, length, position))).bytesWritten;
  }

  truncate(length: number): Promise<void> {
    return this.#calls.run(() => this.#handle.truncate(length));
  }

  setMode(mode: number): Promise<void> {
    return this.#calls.run(() => this.#handle.chmod(mode));
  }

  /** Sets when it was changed and read last, in milliseconds since 1970. */
  setTimes(modifiedAtMs: number): Promise<void> {
    const seconds = secondsOf(modifiedAtMs);
    return this.#calls.run(() => this.#handle.utimes(seconds, seconds));
  }

  close(): Promise<void> {
    this.onClose?.();
    return this.#calls.run(() => this.#handle.close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Milliseconds as the seconds that `utimes` takes, which are cut off behind the nanosecond: so a bit more. */
export function secondsOf(milliseconds: number): number {
  return (Math.round(milliseconds) + 0.001) / 1000;
}
