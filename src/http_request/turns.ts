import { setImmediate } from "node:timers";
import { DECOMPRESSION_TURN_MS } from "../limits.ts";

/**
 * Lets others have their turn in the middle of long work. Deno's decompressors work on the event loop, and never let go
 * of it as long as there is something to do.
 */
export class Turns {
  #began = performance.now();

  /** Nothing, or where the turn has lasted long enough, what to wait for. */
  next(): Promise<void> | undefined {
    if (performance.now() - this.#began < DECOMPRESSION_TURN_MS) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        this.#began = performance.now();
        resolve();
      })
    );
  }
}
