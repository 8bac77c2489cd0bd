import type { Stats } from "node:fs";
import { WATCH_CHANGED_NAMES, WATCH_CHANGES, WATCH_GATHER_MS } from "../limits.ts";
import { internalError } from "../protocol/errors.ts";
import { DirectoryWatch } from "./directory_watch.ts";
import type { Disk } from "./disk.ts";
import { identityOf } from "./entry.ts";
import { join, parentOf, splitPath } from "./paths.ts";
import { uriOf } from "./platform.ts";
import type { TreeChange } from "./tree_changes.ts";
import { WatchedTree } from "./watched_tree.ts";

/** Something that happened. Paths are file URIs; what happens to a directory stands for all that is in it. */
export type FileChange =
  | { kind: "create" | "modify" | "remove"; path: string }
  | { kind: "rename"; from: string; path: string }
  /** More happened below the path than is told: look again. */
  | { kind: "overflow"; path: string };

/** What a watch tells at once. */
export interface FileChanges {
  changes: FileChange[];
  /** Whether the watch is over: what it watched is gone, or nothing more can be told of it. */
  ended: boolean;
}

/** What a watch is given. */
export interface FileWatchOptions {
  /** Watch what is below the directories in it, too. */
  recursive: boolean;
  /** How many names it may hold at the moment. */
  room: () => number;
  /** Takes what happened. The next changes are gathered until it has. */
  tell: (changes: FileChanges) => void | Promise<void>;
}

/** A watch of one path: a directory, or a file by way of the directory that it is in. */
export class FileWatch implements Disposable {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #options: FileWatchOptions;
  #isDirectory = false;
  #root = "";
  #rootIdentity = "";
  #tree: WatchedTree | undefined;
  #directory: DirectoryWatch | undefined;
  #changed: Set<string> | "anything" = new Set();
  #isBusy = true;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #disposed = false;

  /** @param path the path as the client named it; changes are told below it */
  constructor(disk: Disk, path: string, options: FileWatchOptions) {
    this.#disk = disk;
    this.#path = path;
    this.#options = options;
  }

  /** How many names it holds. */
  get size(): number {
    return this.#tree?.size ?? 0;
  }

  /**
   * Starts to watch. What happens from then on is told.
   *
   * @throws {Error} the operating system's; `TooManyEntriesError`
   */
  async start(): Promise<void> {
    const real = await this.#disk.realpath(this.#path);
    const isDirectory = (await this.#disk.stat(real)).isDirectory();
    this.#isDirectory = isDirectory;
    this.#root = isDirectory ? real : parentOf(real)!;
    if (!this.#root.isWellFormed()) throw internalError("a path that is not UTF-8 cannot be watched");
    this.#rootIdentity = identityOf(await this.#disk.stat(this.#root));
    const recursive = isDirectory && this.#options.recursive;
    const only = isDirectory ? undefined : splitPath(real).names.at(-1);
    this.#tree = new WatchedTree(this.#disk, this.#root, { recursive, only });
    const heard = (name: string | undefined) => this.#heard(name);
    this.#directory = await DirectoryWatch.open(this.#root, { recursive }, heard, () => this.#lost());
    await this.#tree.look(undefined, this.#limit());
    // What came in between is in what was seen, or is seen now.
    const changed = this.#take();
    if (changed === "anything" || changed.size > 0) await this.#tree.look(undefined, this.#limit());
    if (this.#disposed) this.#directory[Symbol.dispose]();
    this.#isBusy = false;
    this.#schedule();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    this.#directory?.[Symbol.dispose]();
  }

  #limit(): number {
    return this.size + this.#options.room();
  }

  #heard(name: string | undefined): void {
    if (this.#disposed || this.#changed === "anything") return;
    if (name === undefined || this.#changed.size === WATCH_CHANGED_NAMES) this.#changed = "anything";
    else this.#changed.add(name);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#disposed || this.#isBusy || this.#timer !== undefined) return;
    if (this.#changed !== "anything" && this.#changed.size === 0) return;
    this.#timer = setTimeout(() => void this.#flush(), WATCH_GATHER_MS);
  }

  #take(): Set<string> | "anything" {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  async #flush(): Promise<void> {
    this.#timer = undefined;
    this.#isBusy = true;
    const found = await this.#look(this.#take());
    if (this.#disposed) return;
    if (found.ended) this[Symbol.dispose]();
    if (found.ended || found.changes.length > 0) await this.#tell(found);
    this.#isBusy = false;
    this.#schedule();
  }

  async #look(changed: Set<string> | "anything"): Promise<FileChanges> {
    if (changed === "anything" && !await this.#isRootThere()) {
      return { changes: [{ kind: "remove", path: uriOf(this.#path) }], ended: true };
    }
    try {
      const names = changed === "anything" ? undefined : changed;
      const changes = await this.#tree!.look(names, this.#limit());
      if (changes.length > WATCH_CHANGES) return { changes: [this.#overflow()], ended: false };
      return { changes: changes.map((change) => this.#told(change)), ended: false };
    } catch {
      return { changes: [this.#overflow()], ended: true };
    }
  }

  async #isRootThere(): Promise<boolean> {
    const isSame = (stats: Stats) => identityOf(stats) === this.#rootIdentity;
    return await this.#disk.lstat(this.#root).then(isSame, () => false);
  }

  #lost(): void {
    if (this.#disposed) return;
    this[Symbol.dispose]();
    void this.#tell({ changes: [this.#overflow()], ended: true });
  }

  /** Never rejects. */
  async #tell(changes: FileChanges): Promise<void> {
    try {
      await this.#options.tell(changes);
    } catch {
      // Whoever was to be told is gone.
      this[Symbol.dispose]();
    }
  }

  #overflow(): FileChange {
    return { kind: "overflow", path: uriOf(this.#path) };
  }

  #told(change: TreeChange): FileChange {
    if (change.kind === "rename") {
      return { kind: "rename", from: this.#uriOf(change.from), path: this.#uriOf(change.name) };
    }
    return { kind: change.kind, path: this.#uriOf(change.name) };
  }

  #uriOf(name: string): string {
    return uriOf(this.#isDirectory ? join(this.#path, name) : this.#path);
  }
}
