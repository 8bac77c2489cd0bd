import { LOG_QUEUE_BYTES } from "../limits.ts";
import { concat } from "../std/bytes/concat.ts";
import type { WriteStandard } from "./program_host.ts";

/**
 * Log lines on their way to stderr. Nothing waits for them: while their reader has stopped they queue up to a limit, and
 * then they are lost; when it is gone they are lost at once.
 */
export class LogOutput {
  /** Told, once there is room again, how many lines were lost. */
  onLost: ((count: number) => void) | undefined;
  readonly #write: WriteStandard;
  readonly #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #lost = 0;
  #flushing: Promise<void> | undefined;

  constructor(write: WriteStandard) {
    this.#write = write;
  }

  /** Takes a whole line. */
  write(line: string): void {
    const bytes = new TextEncoder().encode(line);
    if (this.#queuedBytes + bytes.length > LOG_QUEUE_BYTES) {
      this.#lost++;
      return;
    }
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#flushing ??= this.#flush();
  }

  /** Resolves when everything that was taken is written or lost. */
  async flushed(): Promise<void> {
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    while (this.#queue.length > 0) {
      const bytes = concat(this.#queue.splice(0));
      await this.#write("stderr", bytes).catch(() => {});
      this.#queuedBytes -= bytes.length;
      const lost = this.#lost;
      this.#lost = 0;
      if (lost > 0) this.onLost?.(lost);
    }
    this.#flushing = undefined;
  }
}
