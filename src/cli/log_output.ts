import { LOG_QUEUE_BYTES } from "../limits.ts";
import type { WriteStandard } from "./program_host.ts";

/**
 * Log lines on their way to stderr. Nothing waits for them: while their reader has stopped they queue up to a limit, and
 * then they are lost; when it is gone they are lost at once.
 */
export class LogOutput {
  /** Told, once there is room again, how many lines were lost. */
  onLost: ((count: number) => void) | undefined;
  readonly #write: WriteStandard;
  readonly #queue: string[] = [];
  #queuedChars = 0;
  #lost = 0;
  #flushing: Promise<void> | undefined;

  constructor(write: WriteStandard) {
    this.#write = write;
  }

  /** Takes a whole line. */
  write(line: string): void {
    if (this.#queuedChars + line.length > LOG_QUEUE_BYTES) {
      this.#lost++;
      return;
    }
    this.#queue.push(line);
    this.#queuedChars += line.length;
    this.#flushing ??= this.#flush();
  }

  /** Resolves when everything that was taken is written or lost. */
  async flushed(): Promise<void> {
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    while (this.#queue.length > 0) {
      const text = this.#queue.splice(0).join("");
      await this.#write("stderr", new TextEncoder().encode(text)).catch(() => {});
      this.#queuedChars -= text.length;
      const lost = this.#lost;
      this.#lost = 0;
      if (lost > 0) this.onLost?.(lost);
    }
    this.#flushing = undefined;
  }
}
