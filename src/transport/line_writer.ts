import { concat } from "../std/bytes/concat.ts";

/** Where lines go, and what is to be known of it. */
export interface LineWriterOptions {
  /**
   * Resolves when all bytes are taken; nothing else is held up meanwhile, and the next call is made after that.
   *
   * @throws when nobody takes them any more
   */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Some were taken: there is room again. */
  readonly onDrain?: () => void;
  /** Nobody takes them any more. Called once. */
  readonly onFailure: () => void;
}

/** Lines on their way into a pipe, in order. Whatever has gathered while the pipe was busy goes at once. */
export class LineWriter {
  readonly #options: LineWriterOptions;
  readonly #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #flushing: Promise<void> | undefined;
  #failed = false;

  constructor(options: LineWriterOptions) {
    this.#options = options;
  }

  /** Bytes that were not taken yet. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Sends a line; it never waits. */
  send(text: string): void {
    if (this.#failed) return;
    const bytes = encoder.encode(text + "\n");
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#flushing ??= this.#flush();
  }

  /** Resolves when what was sent has been taken, or nobody takes it any more. */
  async flushed(): Promise<void> {
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const queued = this.#queue.splice(0);
        const bytes = queued.length === 1 ? queued[0]! : concat(queued);
        await this.#options.write(bytes);
        this.#queuedBytes -= bytes.length;
        this.#options.onDrain?.();
      }
    } catch {
      this.#failed = true;
      this.#options.onFailure();
    } finally {
      this.#flushing = undefined;
    }
  }
}

const encoder = new TextEncoder();
