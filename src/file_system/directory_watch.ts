import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { setImmediate, setTimeout as delay } from "node:timers/promises";
import { WATCH_REOPEN_MS } from "../limits.ts";
import { identityOf } from "./entry.ts";

/** How a directory is watched. */
export interface DirectoryWatchOptions {
  /** Watch what is below it, too. */
  recursive?: boolean;
}

/**
 * Hears of a name in the directory, or of a path below it, to which something may have happened. Undefined means that
 * it may have happened to anything in the directory, or to the directory itself.
 */
export type ChangeListener = (name: string | undefined) => void;

/**
 * Tells when something may have changed in a directory, from the moment it is opened.
 *
 * What `fs.watch` says of a change differs between the runtimes, so only the name is passed on, and the listener looks
 * for itself. On both, an event whose name is not to be relied on stands for the whole directory: a name that is not
 * UTF-8 (it ends the watch on Deno, which is then opened again), the directory's own name, and the loss of events.
 */
export class DirectoryWatch implements Disposable {
  readonly #path: string;
  readonly #options: DirectoryWatchOptions;
  readonly #listener: ChangeListener;
  readonly #onLost: () => void;
  #watcher: FSWatcher | undefined;
  /** Which directory it was that was opened under the path. */
  #identity = "";
  #closed = false;

  private constructor(
    path: string,
    options: DirectoryWatchOptions,
    listener: ChangeListener,
    onLost: () => void,
  ) {
    this.#path = path;
    this.#options = options;
    this.#listener = listener;
    this.#onLost = onLost;
  }

  /**
   * @param onLost called when the watch had to end, and nothing more will be heard
   * @throws {Error} the operating system's, when it gives no watch
   */
  static async open(
    path: string,
    options: DirectoryWatchOptions,
    listener: ChangeListener,
    onLost: () => void,
  ): Promise<DirectoryWatch> {
    const opened = new DirectoryWatch(path, options, listener, onLost);
    await opened.#start();
    return opened;
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#stop();
  }

  async #start(): Promise<void> {
    const stats = await stat(this.#path);
    // A directory that is made anew often gets the number of the one that was removed.
    this.#identity = `${identityOf(stats)}:${stats.birthtimeMs || stats.ctimeMs}`;
    const former = lastClosed.get(this.#path);
    if (former && former.identity !== this.#identity) {
      await delay(Math.max(0, former.at + WATCH_REOPEN_MS - performance.now()));
    }
    if (this.#closed) return;
    const watcher = watch(this.#path, { recursive: this.#options.recursive ?? false });
    this.#watcher = watcher;
    watcher.on("change", (_, name) => this.#heard(name?.toString()));
    let refusal: Error | undefined;
    watcher.on("error", (error) => refusal = error);
    // Deno tells a moment later that the kernel refused the watch.
    await setImmediate();
    if (refusal) {
      this.#stop();
      throw refusal;
    }
    watcher.on("error", (error) => void this.#recover(error));
  }

  #heard(name: string | undefined): void {
    const isItself = !name || name === basename(this.#path);
    this.#listener(isItself || name.includes("\ufffd") ? undefined : name);
  }

  /** Opens the watch again, if all that is wrong is the name of a file in the directory. */
  async #recover(error: Error): Promise<void> {
    this.#stop();
    try {
      if (!error.message.includes("UTF-8")) throw error;
      await this.#start();
      if (!this.#closed) this.#listener(undefined);
    } catch {
      if (!this.#closed) this.#onLost();
    }
  }

  #stop(): void {
    if (!this.#watcher) return;
    this.#watcher.close();
    this.#watcher = undefined;
    noteClosed(this.#path, this.#identity);
  }
}

/**
 * What was watched until a moment ago. On Deno closing takes effect later, and until then a watch on another directory
 * of the same path would be deaf.
 */
const lastClosed = new Map<string, { at: number; identity: string }>();

function noteClosed(path: string, identity: string): void {
  const at = performance.now();
  for (const [other, closed] of lastClosed) {
    if (closed.at + WATCH_REOPEN_MS > at) break;
    lastClosed.delete(other);
  }
  lastClosed.delete(path);
  lastClosed.set(path, { at, identity });
}
