import {
  WATCH_CHANGED_NAMES,
  WATCH_CHANGES,
  WATCH_GATHER_MS,
  WATCH_POLL_MS,
  WATCH_POLL_REST,
} from "../limits.ts";
import { openNotifier } from "./directory_watch.ts";
import type { Disk } from "./disk.ts";
import { bornIdentityOf } from "./entry.ts";
import type { FileChange } from "./operations.ts";
import { join, parentOf, splitPath } from "./paths.ts";
import type { TreeChange } from "./tree_changes.ts";
import { TreeWatches } from "./tree_watches.ts";
import { WatchedTree } from "./watched_tree.ts";
import { WayWatch } from "./way_watch.ts";

/** What a watch tells at once, of paths that begin with the one that is watched. */
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

/**
 * A watch of one path: a directory, or a file by way of the directory that it is in.
 *
 * What a link on the way leads to from one moment to the next is watched from then on, and what differs is told. A
 * directory that is replaced by another under its own name ends the watch, as its removal does.
 */
export class FileWatch implements Disposable {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #options: FileWatchOptions;
  #isDirectory = false;
  #place: Place = { root: "", only: undefined };
  #rootIdentity = "";
  #tree: WatchedTree | undefined;
  #watches: TreeWatches | undefined;
  #way: WayWatch | undefined;
  #changed: Set<string> | "anything" = new Set();
  #hasWayChanged = false;
  #isBusy = true;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pollTimer: ReturnType<typeof setTimeout> | undefined;
  #disposed = false;

  /** @param path the path as the client named it */
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
    const start = performance.now();
    this.#isDirectory = (await this.#disk.stat(this.#path)).isDirectory();
    const notifier = openNotifier(this.#disk);
    this.#way = new WayWatch(this.#disk, this.#path, notifier, () => this.#heardWay());
    this.#place = this.#placeOf(await this.#way.find());
    const { root, only } = this.#place;
    this.#rootIdentity = bornIdentityOf(await this.#disk.stat(root));
    const watches = notifier &&
      new TreeWatches(notifier, (name) => this.#heard(name === "" ? undefined : name));
    this.#watches = watches;
    const recursive = this.#isDirectory && this.#options.recursive;
    this.#tree = new WatchedTree(this.#disk, root, { recursive, only, watches });
    await this.#tree.look(undefined, this.#limit());
    // What came in between is in what was seen, or is seen now.
    const changed = this.#take();
    if (changed === "anything" || changed.size > 0) await this.#tree.look(undefined, this.#limit());
    if (this.#disposed) this[Symbol.dispose]();
    if (!notifier) this.#poll(performance.now() - start);
    this.#isBusy = false;
    this.#schedule();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#pollTimer);
    this.#watches?.[Symbol.dispose]();
    this.#way?.[Symbol.dispose]();
  }

  #placeOf(real: string): Place {
    if (this.#isDirectory) return { root: real, only: undefined };
    return { root: parentOf(real) ?? real, only: splitPath(real).names.at(-1) };
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

  #heardWay(): void {
    this.#hasWayChanged = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#disposed || this.#isBusy || this.#timer !== undefined) return;
    if (this.#changed !== "anything" && this.#changed.size === 0 && !this.#hasWayChanged) return;
    this.#timer = setTimeout(() => void this.#flush(), WATCH_GATHER_MS);
  }

  /** Where nothing is heard, everything is looked at now and then. */
  #poll(lookMs: number): void {
    if (this.#disposed) return;
    this.#pollTimer = setTimeout(
      () => this.#heard(undefined),
      Math.max(WATCH_POLL_MS, lookMs * WATCH_POLL_REST),
    );
  }

  #take(): Set<string> | "anything" {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  async #flush(): Promise<void> {
    const start = performance.now();
    this.#timer = undefined;
    this.#isBusy = true;
    const found = await this.#look(this.#take());
    if (this.#disposed) return;
    if (found.ended) this[Symbol.dispose]();
    else if (this.#watches === undefined) this.#poll(performance.now() - start);
    if (found.ended || found.changes.length > 0) await this.#tell(found);
    this.#isBusy = false;
    this.#schedule();
  }

  async #look(changed: Set<string> | "anything"): Promise<FileChanges> {
    let names = changed === "anything" ? undefined : changed;
    try {
      if (names === undefined || this.#hasWayChanged) {
        this.#hasWayChanged = false;
        const state = await this.#goAgain();
        if (state === "gone") return { changes: [{ kind: "remove", path: this.#path }], ended: true };
        if (state === "moved") names = undefined;
      }
      const changes = await this.#tree!.look(names, this.#limit());
      if (changes.length > WATCH_CHANGES) return { changes: [this.#overflow()], ended: false };
      return { changes: changes.map((change) => this.#told(change)), ended: false };
    } catch {
      return { changes: [this.#overflow()], ended: true };
    }
  }

  /** Looks where the path leads now. */
  async #goAgain(): Promise<"same" | "moved" | "gone"> {
    const place = await this.#way!.find().then((real) => this.#placeOf(real), () => undefined);
    const stats = place && await this.#disk.stat(place.root).catch(() => undefined);
    if (!place || !stats?.isDirectory()) return "gone";
    const identity = bornIdentityOf(stats);
    if (place.root === this.#place.root && place.only === this.#place.only) {
      return identity === this.#rootIdentity ? "same" : "gone";
    }
    [this.#place, this.#rootIdentity] = [place, identity];
    this.#tree!.move(place.root, place.only);
    return "moved";
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
    return { kind: "overflow", path: this.#path };
  }

  #told(change: TreeChange): FileChange {
    if (change.kind === "rename") {
      return { kind: "rename", from: this.#pathOf(change.from), path: this.#pathOf(change.name) };
    }
    return { kind: change.kind, path: this.#pathOf(change.name) };
  }

  #pathOf(name: string): string {
    return this.#isDirectory ? name.split("/").reduce(join, this.#path) : this.#path;
  }
}

/** The directory that is watched, and the one name in it that counts, if it is a file's. */
interface Place {
  root: string;
  only: string | undefined;
}
