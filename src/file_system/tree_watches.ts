import type { ChangeListener, DirectoryNotifier } from "../host/directory_notifier.ts";
import { watchOpened } from "./directory_watch.ts";
import type { DiskFile } from "./disk_file.ts";

/** The watches of the directories of a tree, by the names of the directories: paths below its root, `""` for itself. */
export class TreeWatches implements Disposable {
  readonly #notifier: DirectoryNotifier;
  readonly #listener: ChangeListener;
  readonly #watches = new Map<string, Disposable>();
  #disposed = false;

  /** @param listener hears of paths below the root, of the root itself (`""`), and that it is not known (undefined) */
  constructor(notifier: DirectoryNotifier, listener: ChangeListener) {
    this.#notifier = notifier;
    this.#listener = listener;
  }

  has(name: string): boolean {
    return this.#watches.has(name);
  }

  /** Hears of a directory from now on, unless it does already; false then. */
  enter(name: string, directory: DiskFile, path: string): boolean {
    if (this.#disposed || this.#watches.has(name)) return false;
    const heard: ChangeListener = (child) => {
      if (child === undefined || name === "") this.#listener(child);
      else this.#listener(child === "" ? name : `${name}/${child}`);
    };
    this.#watches.set(name, watchOpened(this.#notifier, directory, path, "contents", heard));
    return true;
  }

  /** Hears no more of these directories, nor of what is below them. */
  leave(directories: ReadonlySet<string>): void {
    if (directories.size === 0) return;
    for (const [name, watch] of this.#watches) {
      if (!isInAny(name, directories)) continue;
      this.#watches.delete(name);
      watch[Symbol.dispose]();
    }
  }

  /** Hears no more of anything, until directories are entered again. */
  clear(): void {
    for (const watch of this.#watches.values()) watch[Symbol.dispose]();
    this.#watches.clear();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.clear();
  }
}

/** Whether a name is one of the directories, or below one. */
export function isInAny(name: string, directories: ReadonlySet<string>): boolean {
  if (directories.size === 0) return false;
  for (let end = name.length; end > 0; end = name.lastIndexOf("/", end - 1)) {
    if (directories.has(name.slice(0, end))) return true;
  }
  return false;
}
