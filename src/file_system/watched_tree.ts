import type { Stats } from "node:fs";
import { WATCH_LOOKS } from "../limits.ts";
import { osErrorCode } from "../protocol/os_errors.ts";
import type { Disk } from "./disk.ts";
import { identityOf } from "./entry.ts";
import { join } from "./paths.ts";
import { compareTree, type Known, type KnownTree, type TreeChange } from "./tree_changes.ts";

/** What a tree is made of. */
export interface WatchedTreeOptions {
  /** Know what is below the directories in it, too. */
  recursive?: boolean;
  /** Know only this name. */
  only?: string;
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
  readonly #root: string;
  readonly #options: WatchedTreeOptions;
  readonly #known: KnownTree = new Map();

  constructor(disk: Disk, root: string, options: WatchedTreeOptions = {}) {
    this.#disk = disk;
    this.#root = root;
    this.#options = options;
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
    const found = names ? await this.#lookAt(names) : await this.#lookAtAll(limit);
    const { changes, made, moved } = compareTree(this.#known, found, { areTouched: names !== undefined });
    if (this.#options.recursive) {
      // Without names, all that is new was found; what moved is still known by what was in it before.
      for (const directory of names ? [...made, ...moved] : moved) {
        const below = await this.#lookAt(await this.#allBelow(directory, limit));
        changes.push(...compareTree(this.#known, below, { areTouched: false }).changes);
      }
    }
    if (this.size > limit) throw new TooManyEntriesError();
    return changes;
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
    const all = [...names].filter((name) => this.#options.only === undefined || name === this.#options.only);
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
    const { only } = this.#options;
    const found = await this.#lookAt(only === undefined ? await this.#list("", limit) : [only]);
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
        for await (const entries of this.#disk.list(this.#pathOf(each))) {
          for (const entry of entries) {
            const name = each === "" ? entry.name : `${each}/${entry.name}`;
            names.push(name);
            if (entry.kind === "directory" && this.#options.recursive) directories.push(name);
          }
          if (names.length > limit) throw new TooManyEntriesError();
        }
      } catch (error) {
        // It is gone already, or nobody may look into it.
        if (osErrorCode(error) === undefined || each === "") throw error;
      }
    }
    return names;
  }

  async #knownOf(name: string): Promise<Known | undefined> {
    return await this.#disk.lstat(this.#pathOf(name)).then(known, () => undefined);
  }

  #pathOf(name: string): string {
    return name === "" ? this.#root : join(this.#root, name);
  }
}

function known(stats: Stats): Known {
  const isDirectory = stats.isDirectory();
  const rights = `${stats.mode}:${stats.uid}:${stats.gid}`;
  const mark = isDirectory ? rights : `${rights}:${stats.mtimeMs}:${stats.ctimeMs}:${stats.size}`;
  // The number alone is soon given to another file; born at the same time that one is not.
  return { identity: `${identityOf(stats)}:${stats.birthtimeMs}`, isDirectory, mark };
}
