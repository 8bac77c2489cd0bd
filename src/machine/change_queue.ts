import { WATCHER_CHANGES } from "../limits.ts";
import type { FileChange, FileWatcher } from "./file_system.ts";

/** The changes of one watch that wait for their reader. What a slow reader misses becomes one that says to look again. */
export class ChangeQueue implements FileWatcher {
  readonly #path: string;
  readonly #onEnd: () => void;
  #changes: FileChange[] = [];
  #ended = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  /**
   * @param path what is watched
   * @param onEnd called once, when nobody reads any more or nothing more comes
   */
  constructor(path: string, onEnd: () => void) {
    this.#path = path;
    this.#onEnd = onEnd;
  }

  push(changes: readonly FileChange[]): void {
    if (this.#ended) return;
    const full = this.#changes.length + changes.length > WATCHER_CHANGES;
    if (full) this.#changes = [{ kind: "overflow", path: this.#path }];
    else this.#changes.push(...changes);
    this.#wake?.();
  }

  /** Nothing more comes: the reader gets what is there, and then the failure, if any. */
  end(failure?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    this.#wake?.();
    this.#onEnd();
  }

  async next(): Promise<IteratorResult<FileChange, undefined>> {
    for (;;) {
      const change = this.#changes.shift();
      if (change) return { value: change, done: false };
      if (this.#failure) {
        const failure = this.#failure;
        this.#failure = undefined;
        throw failure;
      }
      if (this.#ended) return { value: undefined, done: true };
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  return(): Promise<IteratorResult<FileChange, undefined>> {
    this.#changes = [];
    this.end();
    this.#failure = undefined;
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.dispose](): void {
    this.return();
  }
}
