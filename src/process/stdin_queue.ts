import {
  STDIN_QUEUE_BYTES,
  STDIN_QUEUE_WRITES,
  STDIN_WRITE_BYTES,
  WRITE_ID_CHARS,
  WRITE_IDS,
} from "../limits.ts";
import type { ByteSink } from "../host/child_process.ts";

/** Bytes in line for the child. */
interface QueuedWrite {
  readonly bytes: Uint8Array;
  /** Answers the write. */
  readonly accept: () => void;
}

/**
 * The way into a child: writes in order, each once. Every write is in line at once, but it is answered only when it is
 * near the front, so that a client which waits for its answers never has more than a queue full on the way.
 *
 * Bytes for a child that has closed its stdin or has ended are taken and dropped, as the protocol has it.
 */
export class StdinQueue {
  readonly #sink: ByteSink;
  readonly #onWrite: ((bytes: Uint8Array) => void) | undefined;
  readonly #queued: QueuedWrite[] = [];
  /** How many of them are answered, from the front, and their bytes. */
  #accepted = 0;
  #acceptedBytes = 0;
  #queuedBytes = 0;
  #takenBytes = 0;
  readonly #writeIds = new Set<string>();
  #writeIdChars = 0;
  #closing = false;
  #broken = false;
  #pumping = false;

  /** @param onWrite told of bytes as they go to the child */
  constructor(sink: ByteSink, onWrite?: (bytes: Uint8Array) => void) {
    this.#sink = sink;
    this.#onWrite = onWrite;
  }

  /** Bytes that wait for the child, answered or not. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Bytes that were ever queued. */
  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** Whether the end of input was asked for. */
  get closed(): boolean {
    return this.#closing;
  }

  /**
   * Queues bytes. Undefined where there is room for them, which is so unless the child does not read; else a promise
   * that resolves when there is. Bytes of a repeated `writeId` are dropped.
   */
  write(bytes: Uint8Array, writeId: string): Promise<void> | undefined {
    if (this.#writeIds.has(writeId)) return undefined;
    this.#remember(writeId);
    if (bytes.length === 0 || this.#broken || this.#closing) return undefined;
    this.#queuedBytes += bytes.length;
    this.#takenBytes += bytes.length;
    let waits = true;
    let tell: (() => void) | undefined;
    this.#queued.push({
      bytes,
      accept: () => {
        waits = false;
        tell?.();
      },
    });
    this.#accept();
    if (!this.#pumping) this.#pump();
    return waits ? new Promise((resolve) => tell = resolve) : undefined;
  }

  /** Signals the end of input once everything queued is written. Idempotent. */
  close(): void {
    this.#closing = true;
    if (!this.#pumping) this.#sink.close().catch(() => {});
  }

  /** Drops what is queued: the child is gone. */
  dispose(): void {
    this.#closing = true;
    this.#drop();
    this.#sink.close().catch(() => {});
  }

  /** Answers writes as far as there is room. */
  #accept(): void {
    while (this.#acceptedBytes < STDIN_QUEUE_BYTES && this.#accepted < STDIN_QUEUE_WRITES) {
      const next = this.#queued[this.#accepted];
      if (!next) return;
      this.#accepted++;
      this.#acceptedBytes += next.bytes.length;
      next.accept();
    }
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    try {
      for (let next = this.#queued[0]; next; next = this.#queued[0]) {
        const { bytes } = next;
        for (let at = 0; at < bytes.length && !this.#broken; at += STDIN_WRITE_BYTES) {
          const part = bytes.subarray(at, at + STDIN_WRITE_BYTES);
          this.#onWrite?.(part);
          await this.#sink.write(part);
        }
        if (this.#broken) break;
        this.#queued.shift();
        this.#accepted--;
        this.#acceptedBytes -= bytes.length;
        this.#queuedBytes -= bytes.length;
        this.#accept();
      }
    } catch {
      // The child has closed its end: what it does not want is dropped.
      this.#drop();
    }
    this.#pumping = false;
    if (this.#closing || this.#broken) this.#sink.close().catch(() => {});
  }

  #drop(): void {
    this.#broken = true;
    for (const { accept } of this.#queued.splice(0)) accept();
    this.#accepted = this.#acceptedBytes = this.#queuedBytes = 0;
  }

  #remember(writeId: string): void {
    this.#writeIds.add(writeId);
    this.#writeIdChars += writeId.length;
    while (this.#writeIds.size > WRITE_IDS || this.#writeIdChars > WRITE_ID_CHARS) {
      const oldest = this.#writeIds.values().next().value!;
      this.#writeIds.delete(oldest);
      this.#writeIdChars -= oldest.length;
    }
  }
}
