import { Buffer } from "node:buffer";
import { FILE_HANDLE_ID_BYTES, WATCHED_ENTRIES, WATCHES } from "../limits.ts";
import { invalidRequest } from "../protocol/errors.ts";
import type { Disk } from "./disk.ts";
import { answering } from "./failures.ts";
import { type FileChanges, FileWatch } from "./file_watch.ts";
import { uriOf } from "./platform.ts";
import { TooManyEntriesError } from "./watched_tree.ts";

/** How a path is watched. */
export interface WatchOptions {
  /** Watch what is below the directories in it, too; false by default. */
  recursive?: boolean;
  /** The path's URI as the client spells it, for what is told. */
  uri?: string;
}

/** What is told of a watch: the params of `fs/changed`. */
export interface FileChangesOfWatch extends FileChanges {
  watchId: string;
}

/** The watches of one connection that tell what happens to files. */
export class FileWatches implements Disposable {
  readonly #disk: Disk;
  readonly #notify: (changes: FileChangesOfWatch) => void | Promise<void>;
  readonly #watches = new Map<string, FileWatch>();
  #disposed = false;

  /**
   * @param notify takes what happened. While a promise that it returns is pending, further changes of that watch are
   *   gathered, so a client that is slow costs no more than the names that it has not been told.
   */
  constructor(disk: Disk, notify: (changes: FileChangesOfWatch) => void | Promise<void>) {
    this.#disk = disk;
    this.#notify = notify;
  }

  /**
   * Watches a file or a directory under the client's own name for the watch. Links in the path are followed, links in
   * the directory are not.
   *
   * @throws {RpcError} -32600 for a name that is in use or too long, too many watches or too much to watch; -32004 when
   *   the path does not exist; -32603 when the operating system gives no watch
   */
  async watch(watchId: string, path: string, options: WatchOptions = {}): Promise<{ watchId: string }> {
    if (Buffer.byteLength(watchId) > FILE_HANDLE_ID_BYTES) {
      throw invalidRequest(`file watch ID must not exceed ${FILE_HANDLE_ID_BYTES} bytes`);
    }
    if (this.#watches.has(watchId)) throw invalidRequest(`file watch \`${watchId}\` already exists`);
    if (this.#watches.size >= WATCHES || this.#disposed) {
      throw invalidRequest(`at most ${WATCHES} file watches may be open per connection`);
    }
    const watch = new FileWatch(this.#disk, path, {
      uri: options.uri ?? uriOf(path),
      recursive: options.recursive ?? false,
      room: () => this.#room(),
      tell: (changes) => {
        if (changes.ended) this.#watches.delete(watchId);
        return this.#notify({ watchId, ...changes });
      },
    });
    this.#watches.set(watchId, watch);
    try {
      await answering(() => watch.start());
    } catch (error) {
      this.#watches.delete(watchId);
      watch[Symbol.dispose]();
      if (!((error as Error).cause instanceof TooManyEntriesError)) throw error;
      throw invalidRequest(
        `the watches of a connection may hold ${WATCHED_ENTRIES} files and directories: watch a smaller directory`,
      );
    }
    return { watchId };
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
