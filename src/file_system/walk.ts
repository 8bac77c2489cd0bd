import { WALK_MAXIMUMS } from "../limits.ts";
import { requireCount } from "../native/count.ts";
import { refused } from "../native/operation_error.ts";
import { failureText } from "../native/os_errors.ts";
import { readablePath } from "../native/path_text.ts";
import type { Disk } from "./disk.ts";
import { identityOf } from "./entry.ts";
import type { WalkEntry, WalkError, WalkOptions, WalkResult } from "./operations.ts";
import { join } from "./paths.ts";
import { type FollowedEntry, followLinks } from "./read_directory.ts";
import { SmallestEntries } from "./smallest_entries.ts";

/** Whether one more find has room in what a walk tells; the walk ends with the first that has none. */
export type WalkRoom = (found: WalkEntry | WalkError) => boolean;

/**
 * Lists a tree. A root that is no directory, or a link while links are not followed, has nothing in it.
 *
 * @throws {OperationError} REFUSED for limits out of range, INVALID for what is no limit
 * @throws {Error} the operating system's, such as ENOENT when the root does not exist
 */
export async function walk(
  disk: Disk,
  root: string,
  options: WalkOptions = {},
  hasRoom: WalkRoom = () => true,
): Promise<WalkResult> {
  const limits = limitsOf(options);
  checkLimits(limits);
  return await new Walk(disk, limits, hasRoom).from(root);
}

type Limits = Readonly<Required<{ [Name in keyof WalkOptions]: NonNullable<WalkOptions[Name]> }>>;

function limitsOf(options: WalkOptions): Limits {
  return {
    maxDepth: options.maxDepth ?? WALK_MAXIMUMS.depth,
    maxDirectories: options.maxDirectories ?? WALK_MAXIMUMS.directories,
    maxEntries: options.maxEntries ?? WALK_MAXIMUMS.entries,
    followDirectorySymlinks: options.followDirectorySymlinks ?? false,
    pruneHiddenDirectories: options.pruneHiddenDirectories ?? false,
  };
}

function checkLimits({ maxDepth, maxDirectories, maxEntries }: Limits): void {
  for (const [name, limit] of Object.entries({ maxDepth, maxDirectories, maxEntries })) {
    requireCount(name, limit);
  }
  if (maxDirectories === 0 || maxEntries === 0) {
    throw refused("filesystem walk limits must be greater than zero");
  }
  const { depth, directories, entries } = WALK_MAXIMUMS;
  if (maxDepth > depth || maxDirectories > directories || maxEntries > entries) {
    throw refused(
      `filesystem walk limits exceed maximums: depth=${depth}, directories=${directories}, entries=${entries}`,
    );
  }
}

interface Visit {
  readonly path: string;
  readonly depth: number;
}

class Walk {
  readonly #disk: Disk;
  readonly #limits: Limits;
  readonly #hasRoom: WalkRoom;
  readonly #entries: WalkEntry[] = [];
  readonly #errors: WalkError[] = [];
  readonly #known = new Set<string>();
  #looked = 0;
  #truncated = false;

  constructor(disk: Disk, limits: Limits, hasRoom: WalkRoom) {
    this.#disk = disk;
    this.#limits = limits;
    this.#hasRoom = hasRoom;
  }

  async from(root: string): Promise<WalkResult> {
    const stats = await this.#disk.stat(root);
    const isLink = (await this.#disk.lstat(root)).isSymbolicLink();
    if (stats.isDirectory() && !(isLink && !this.#limits.followDirectorySymlinks)) {
      this.#known.add(identityOf(stats));
      await this.#goFrom(root);
    }
    return { entries: this.#entries, errors: this.#errors, truncated: this.#truncated };
  }

  async #goFrom(root: string): Promise<void> {
    const visits: Visit[] = [{ path: root, depth: 0 }];
    for (let entered = 0; entered < visits.length && !this.#truncated; entered++) {
      if (entered === this.#limits.maxDirectories) this.#truncated = true;
      else await this.#enter(visits[entered]!, visits);
    }
  }

  async #enter(visit: Visit, visits: Visit[]): Promise<void> {
    const left = this.#limits.maxEntries - this.#looked;
    const found = new SmallestEntries<FollowedEntry>(left + 1);
    try {
      for await (const entries of this.#disk.list(visit.path)) {
        found.add(await followLinks(this.#disk, visit.path, entries));
      }
    } catch (error) {
      this.#tellError(visit.path, failureText(error));
      return;
    }
    for (const entry of found.sorted()) {
      if (this.#looked === this.#limits.maxEntries) this.#truncated = true;
      if (this.#truncated) return;
      this.#looked++;
      const inside = await this.#tell(visit, entry);
      if (inside) visits.push(inside);
    }
  }

  /** Lists one entry; the visit that it leads to, if any. */
  async #tell(
    visit: Visit,
    { name, kind, isLink }: FollowedEntry,
  ): Promise<Visit | undefined> {
    const { followDirectorySymlinks, pruneHiddenDirectories, maxDepth } = this.#limits;
    if (!name.isWellFormed()) {
      this.#tellError(join(visit.path, readablePath(name)), "The name is not UTF-8");
      return;
    }
    if (isLink && !(kind === "directory" && followDirectorySymlinks)) return;
    if (kind !== "directory" && kind !== "file") return;
    const path = join(visit.path, name);
    if (!this.#tells(this.#entries, { path, kind })) return;
    if (kind === "file" || visit.depth === maxDepth) return;
    if (pruneHiddenDirectories && name.startsWith(".")) return;
    if (followDirectorySymlinks && await this.#isKnown(path)) return;
    return { path, depth: visit.depth + 1 };
  }

  async #isKnown(path: string): Promise<boolean> {
    const identity = identityOf(await this.#disk.stat(path));
    if (this.#known.has(identity)) return true;
    this.#known.add(identity);
    return false;
  }

  #tellError(path: string, message: string): void {
    this.#tells(this.#errors, { path, message });
  }

  /** Adds a find to a list of them, unless there is no more room. */
  #tells<Found extends WalkEntry | WalkError>(list: Found[], found: Found): boolean {
    if (this.#hasRoom(found)) list.push(found);
    else this.#truncated = true;
    return !this.#truncated;
  }
}
