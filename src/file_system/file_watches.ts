import { Buffer } from "node:buffer";
import { FILE_HANDLE_ID_BYTES, WATCHED_ENTRIES, WATCHES } from "../limits.ts";
import { refused } from "../native/operation_error.ts";
import type { Disk } from "./disk.ts";
import { type FileChanges, FileWatch } from "./file_watch.ts";
import type { WatchOptions } from "./operations.ts";
import { TooManyEntriesError } from "./watched_tree.ts";

/**
 * Takes what happened. While a promise that it returns is pending, further changes of that watch are gathered, so a client
 * that is slow costs no more than the names that it has not been told.
 */
export type TellChanges = (changes: FileChanges) => void | Promise<void>;

/** How a path is watched, and as one of which files. */
export interface FileWatchesOptions extends WatchOptions {
  /** All those of the machine by default. */
  readonly disk?: Disk;
}

/** The watches of one client that tell what happens to files. */
export class FileWatches implements Disposable {
  readonly #disk: Disk;
  readonly #watches = new Map<string, FileWatch>();
  #disposed = false;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /**
   * Watches a file or a directory under the client's own name for the watch. Links in the path are followed, links in
   * the directory are not.
   *
   * @throws {OperationError} REFUSED for a name that is in use or too long, too many watches or too much to watch, FAILED
   *   when the operating system gives no watch
   * @throws {Error} the operating system's, such as ENOENT
   */
  async watch(
    watchId: string,
    path: string,
    options: FileWatchesOptions,
    tell: TellChanges,
  ): Promise<void> {
    if (Buffer.byteLength(watchId) > FILE_HANDLE_ID_BYTES) {
      throw refused(`file watch ID must not exceed ${FILE_HANDLE_ID_BYTES} bytes`);
    }
    if (this.#watches.has(watchId)) throw refused(`file watch \`${watchId}\` already exists`);
    if (this.#watches.size >= WATCHES || this.#disposed) {
      throw refused(`at most ${WATCHES} file watches may be open per connection`);
    }
    const watch = new FileWatch(options.disk ?? this.#disk, path, {
      recursive: options.recursive ?? false,
      room: () => this.#room(),
      tell: (changes) => {
        if (changes.ended) this.#watches.delete(watchId);
        return tell(changes);
      },
    });
    this.#watches.set(watchId, watch);
    try {
      await watch.start();
    } catch (error) {
      this.#watches.delete(watchId);
      watch[Symbol.dispose]();
      if (!(error instanceof TooManyEntriesError)) throw error;
      throw refused(
        `the watches of a connection may hold ${WATCHED_ENTRIES} files and directories: watch a smaller directory`,
      );
    }
  }

  /** Ends a watch, or does nothing for an unknown one. */
  unwatch(watchId: string): void {
    this.#watches.get(watchId)?.[Symbol.dispose]();
    this.#watches.delete(watchId);
  }

  /** Ends all watches. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const watchId of [...this.#watches.keys()]) this.unwatch(watchId);
  }

  #room(): number {
    const held = [...this.#watches.values()].reduce((sum, watch) => sum + watch.size, 0);
    return Math.max(0, WATCHED_ENTRIES - held);
  }
}
