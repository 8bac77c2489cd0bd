import { OperationError } from "../native/operation_error.ts";
import type { ChangeListener, DirectoryNotifier } from "../host/directory_notifier.ts";
import { watchDirectory } from "./directory_watch.ts";
import type { Disk } from "./disk.ts";
import { findWay, isSameWay, type Way } from "./way.ts";

/** How often a way that changes while it is watched is gone again, before it is taken as it is. */
const TRIES = 3;

/** Hears of the names that lead to a path: of directories and links that are moved, replaced or made on the way. */
export class WayWatch implements Disposable {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #notifier: DirectoryNotifier | undefined;
  readonly #onChange: () => void;
  #watches: Disposable[] = [];
  #way: Way | undefined;
  /** Something on the way was heard of: the directories that are watched may be others than those on it. */
  #isStale = false;
  #disposed = false;

  /** @param notifier undefined where nothing is heard; the way is then found only when it is asked for */
  constructor(disk: Disk, path: string, notifier: DirectoryNotifier | undefined, onChange: () => void) {
    this.#disk = disk;
    this.#path = path;
    this.#notifier = notifier;
    this.#onChange = onChange;
  }

  /** Where the path leads now; what happens on the way there from then on is heard. */
  async find(): Promise<string> {
    for (let tries = 1;; tries++) {
      const way = await findWay(this.#disk, this.#path);
      const isWatched = !this.#isStale && this.#way !== undefined && isSameWay(way, this.#way);
      if (!this.#notifier || isWatched || tries > TRIES) return way.real;
      this.#isStale = false;
      await this.#watch(way, this.#notifier);
    }
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#close();
  }

  async #watch(way: Way, notifier: DirectoryNotifier): Promise<void> {
    const watches: Disposable[] = [];
    for (const [directory, names] of way.names) {
      const watch = await this.#watchDirectory(notifier, directory, (name) => {
        if (name && !names.has(name)) return;
        this.#isStale = true;
        this.#onChange();
      });
      if (watch) watches.push(watch);
    }
    // Closed at the end only: what stays the same is watched without a gap.
    this.#close();
    [this.#watches, this.#way] = [watches, way];
    if (this.#disposed) this.#close();
  }

  /**
   * Undefined for a directory that is gone, or that may be gone through but not be read.
   *
   * @throws {OperationError} FAILED when the system gives no more watches
   */
  async #watchDirectory(
    notifier: DirectoryNotifier,
    path: string,
    listener: ChangeListener,
  ): Promise<Disposable | undefined> {
    try {
      return await watchDirectory(this.#disk, notifier, path, "names", listener);
    } catch (error) {
      if (error instanceof OperationError) throw error;
      return undefined;
    }
  }

  #close(): void {
    for (const watch of this.#watches.splice(0)) watch[Symbol.dispose]();
    this.#way = undefined;
  }
}
