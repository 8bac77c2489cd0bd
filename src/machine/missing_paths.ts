import type { MissingPathsWatch } from "./file_system.ts";

/** The one wait for missing paths that there is at a time. A spurious end does no harm: whoever waited looks again. */
export class MissingPaths {
  #lastId = 0;
  #fire: (() => void) | undefined;
  /** The last wait being taken back: a server that serves two calls at once must not see the next one first. */
  #ending: Promise<unknown> | undefined;

  /**
   * Begins a wait in the place of the one before.
   *
   * @param begin asks for it under an id that is greater than every one before; false where it cannot be
   * @param end takes it back, by way of a wait for nothing under a further id
   */
  async watch(
    begin: (watchId: number) => Promise<boolean>,
    end: (watchId: number) => Promise<unknown>,
  ): Promise<MissingPathsWatch | undefined> {
    this.fire();
    const id = ++this.#lastId;
    let fire = () => {};
    const changed = new Promise<void>((resolve) => fire = resolve);
    this.#fire = fire;
    let watching = false;
    try {
      await this.#ending;
      watching = await begin(id);
    } finally {
      if (!watching && this.#fire === fire) this.#fire = undefined;
    }
    if (!watching) return undefined;
    const dispose = () => {
      fire();
      if (this.#fire !== fire) return;
      this.#fire = undefined;
      this.#ending = end(++this.#lastId).catch(() => {});
    };
    return { changed, [Symbol.dispose]: dispose };
  }

  /** Ends the wait: of a certain id, or whichever there is. */
  fire(watchId: number | bigint = this.#lastId): void {
    if (watchId !== this.#lastId) return;
    this.#fire?.();
    this.#fire = undefined;
  }
}
