import { constants, type Stats } from "node:fs";
import { WATCH_LOOKS } from "../limits.ts";
import { osErrorCode } from "../native/os_errors.ts";
import type { Disk } from "./disk.ts";
import type { DiskFile } from "./disk_file.ts";
import { bornIdentityOf, type Entry } from "./entry.ts";
import { join } from "./paths.ts";
import {
  type ComparedTree,
  compareTree,
  type Known,
  type KnownTree,
  type TreeChange,
} from "./tree_changes.ts";
import { isInAny, type TreeWatches } from "./tree_watches.ts";

/** What a tree is made of. */
export interface WatchedTreeOptions {
  /** Know what is below the directories in it, too. */
  recursive?: boolean;
  /** Know only this name. */
  only?: string;
  /** Hears of the directories in it, each from before it is looked at. */
  watches?: TreeWatches | undefined;
}

/** More names than a watch may hold. */
export class TooManyEntriesError extends Error {
  override readonly name = "TooManyEntriesError";
}

/**
 * What was in a directory when it was looked at last. From it and what is there now follows what happened, whatever the
 * operating system's events were called and however many of them were lost.
 *
 * Names are paths below the root, with `/` between their parts.
 */
export class WatchedTree {
  readonly #disk: Disk;
  readonly #options: WatchedTreeOptions;
  readonly #known: KnownTree = new Map();
  #root: string;
  #only: string | undefined;
  /** Directories that are heard of since this look. */
  #entered = new Set<string>();

  constructor(disk: Disk, root: string, options: WatchedTreeOptions = {}) {
    this.#disk = disk;
    this.#root = root;
    this.#options = options;
    this.#only = options.only;
  }

  /** Takes what is in another directory for what is in it now; the next look tells what that differs in. */
  move(root: string, only: string | undefined): void {
    this.#options.watches?.clear();
    const name = this.#only === undefined ? undefined : this.#known.get(this.#only);
    this.#root = root;
    this.#only = only;
    if (name === undefined || only === undefined) return;
    this.#known.clear();
    this.#known.set(only, name);
  }

  /** How many names it holds. */
  get size(): number {
    return this.#known.size;
  }

  /**
   * What happened since the last look, to some names or, without them, to anything. A file that is named and still there
   * counts as modified.
   *
   * @throws {TooManyEntriesError} when there are more names than `limit`; the tree is then of no more use
   */
  async look(names: ReadonlySet<string> | undefined, limit: number): Promise<TreeChange[]> {
    this.#entered = new Set();
    const found = names ? await this.#lookAt(names) : await this.#lookAtAll(limit);
    const compared = compareTree(this.#known, found, { areTouched: names !== undefined });
    const { changes } = compared;
    if (this.#options.recursive) {
      const below = new Set([...this.#notSeen(compared), ...this.#readableNow(changes)]);
      this.#leave(compared, below);
      for (const directory of below) {
        if (isInAny(parentName(directory), below)) continue;
        const inside = await this.#lookAt(await this.#allBelow(directory, limit));
        changes.push(...compareTree(this.#known, inside, { areTouched: false }).changes);
      }
    }
    if (this.size > limit) throw new TooManyEntriesError();
    return changes;
  }

  /** Directories whose insides this look has not seen yet: what moved is still known by what was in it before. */
  #notSeen({ made, moved }: ComparedTree): string[] {
    return [...made].filter((name) => !this.#entered.has(name)).concat([...moved]);
  }

  /** Directories that could not be looked into, and whose rights have changed. */
  #readableNow(changes: readonly TreeChange[]): string[] {
    const { watches } = this.#options;
    return changes.flatMap(({ kind, name }) => {
      const isShut = kind === "modify" && this.#known.get(name)?.isDirectory && watches && !watches.has(name);
      return isShut ? [name] : [];
    });
  }

  /** Hears no more of what is gone, nor of what had a name before that another directory has now. */
  #leave({ changes, moved }: ComparedTree, below: ReadonlySet<string>): void {
    const left = new Set([...below].filter((name) => !moved.has(name) || !this.#entered.has(name)));
    for (const change of changes) {
      if (change.kind === "remove" && !this.#entered.has(change.name)) left.add(change.name);
      else if (change.kind === "rename" && !this.#entered.has(change.from)) left.add(change.from);
    }
    this.#options.watches?.leave(left);
  }

  async #allBelow(directory: string, limit: number): Promise<Set<string>> {
    const below = new Set(await this.#list(directory, limit));
    for (const name of this.#known.keys()) {
      if (name.startsWith(`${directory}/`)) below.add(name);
    }
    return below;
  }

  async #lookAt(names: Iterable<string>): Promise<Map<string, Known | undefined>> {
    const found = new Map<string, Known | undefined>();
    const all = [...names].filter((name) => this.#only === undefined || name === this.#only);
    for (let at = 0; at < all.length; at += WATCH_LOOKS) {
      await Promise.all(
        all.slice(at, at + WATCH_LOOKS).map(async (name) => {
          found.set(name, await this.#knownOf(name));
        }),
      );
    }
    return found;
  }

  async #lookAtAll(limit: number): Promise<Map<string, Known | undefined>> {
    if (this.#only !== undefined && this.#options.watches?.has("") === false) {
      await using directory = await this.#disk.openDirectory(this.#root);
      this.#enter("", directory);
    }
    const found = await this.#lookAt(this.#only === undefined ? await this.#list("", limit) : [this.#only]);
    for (const name of this.#known.keys()) {
      if (!found.has(name)) found.set(name, undefined);
    }
    return found;
  }

  /** The names below a directory. */
  async #list(directory: string, limit: number): Promise<string[]> {
    const names: string[] = [];
    const directories = [directory];
    for (const each of directories) {
      try {
        for await (const entries of this.#enterAndList(each)) {
          for (const entry of entries) {
            const name = each === "" ? entry.name : `${each}/${entry.name}`;
            names.push(name);
            if (entry.kind === "directory" && this.#options.recursive) directories.push(name);
          }
          if (names.length > limit) throw new TooManyEntriesError();
        }
      } catch (error) {
        if (each === "" || !shutCodes.has(osErrorCode(error) ?? "")) throw error;
      }
    }
    return names;
  }

  /** The entries of a directory that is heard of before it is read, so that what comes in between is not lost. */
  async *#enterAndList(name: string): AsyncGenerator<Entry[]> {
    const path = this.#pathOf(name);
    if (!this.#options.watches) return yield* this.#disk.list(path);
    await using directory = await this.#disk.openDirectory(path, constants.O_NOFOLLOW);
    this.#enter(name, directory);
    yield* this.#disk.listOpened(directory, path);
  }

  #enter(name: string, directory: DiskFile): void {
    const { watches } = this.#options;
    if (watches?.enter(name, directory, this.#pathOf(name))) this.#entered.add(name);
  }

  async #knownOf(name: string): Promise<Known | undefined> {
    return await this.#disk.lstat(this.#pathOf(name)).then(known, () => undefined);
  }

  #pathOf(name: string): string {
    return name === "" ? this.#root : join(this.#root, name);
  }
}

/** What a directory fails with that is gone already, that nobody may look into, or that no path is short enough for. */
const shutCodes: ReadonlySet<string> = new Set([
  "ENOENT",
  "ENOTDIR",
  "ELOOP",
  "EACCES",
  "EPERM",
  "ENAMETOOLONG",
]);

function parentName(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf("/")));
}

function known(stats: Stats): Known {
  const isDirectory = stats.isDirectory();
  const rights = `${stats.mode}:${stats.uid}:${stats.gid}`;
  const mark = isDirectory ? rights : `${rights}:${stats.mtimeMs}:${stats.ctimeMs}:${stats.size}`;
  return { identity: bornIdentityOf(stats), isDirectory, mark };
}
