import { compareNames } from "./smallest_entries.ts";

/** Something that happened to a name in a tree. What happens to a directory stands for all that is in it. */
export type TreeChange =
  | { kind: "create" | "modify" | "remove"; name: string }
  | { kind: "rename"; from: string; name: string };

/** What is known of a name. */
export interface Known {
  /** Stays the same when the file or directory is moved. */
  readonly identity: string;
  readonly isDirectory: boolean;
  /** Differs when something was done to it. What happens in a directory does not count. */
  readonly mark: string;
}

/** What is known of a tree: names are paths below its root, with `/` between their parts. */
export type KnownTree = Map<string, Known>;

/** How a tree is compared. */
export interface CompareTreeOptions {
  /** A file that was found counts as modified, though nothing of it differs. */
  areTouched: boolean;
}

/** What came of a comparison. Told one after the other, the changes make the old tree the new one. */
export interface ComparedTree {
  changes: TreeChange[];
  /** Directories that are new. */
  made: Set<string>;
  /** Directories that were moved, with all that was in them. */
  moved: Set<string>;
}

/**
 * Compares what is known of a tree with what was found of it, and knows that afterwards. A name that was looked for and
 * not found is undefined.
 */
export function compareTree(
  known: KnownTree,
  found: ReadonlyMap<string, Known | undefined>,
  options: CompareTreeOptions,
): ComparedTree {
  return new Comparison(known, found, options).run();
}

class Comparison {
  readonly #known: KnownTree;
  readonly #found: ReadonlyMap<string, Known | undefined>;
  readonly #options: CompareTreeOptions;
  /** Where names went that are no more, or that another directory has now, by what they were. */
  readonly #leavers = new Map<string, { from: string; to?: string }>();
  readonly #settled = new Set<string>();
  readonly #changes: TreeChange[] = [];
  readonly #made = new Set<string>();
  readonly #moved = new Set<string>();

  constructor(known: KnownTree, found: ReadonlyMap<string, Known | undefined>, options: CompareTreeOptions) {
    this.#known = known;
    this.#found = found;
    this.#options = options;
  }

  run(): ComparedTree {
    const names = [...this.#found.keys()].sort(compareNames);
    const gone = this.#findLeavers(names);
    for (const name of names) this.#settle(name);
    const removed = new Set(
      [...gone].flatMap(([name, before]) => this.#known.get(name) === before ? [name] : []),
    );
    this.#forgetAll(removed);
    const removes = [...removed].map((name): TreeChange => ({ kind: "remove", name }));
    return { changes: [...removes, ...this.#changes], made: this.#made, moved: this.#moved };
  }

  /** The topmost of the names that are no more. */
  #findLeavers(names: readonly string[]): Map<string, Known> {
    const gone = new Map<string, Known>();
    const left = new Set<string>();
    for (const name of names) {
      const before = this.#known.get(name);
      const now = this.#found.get(name);
      if (!before || isBelowAny(name, left)) continue;
      if (now && !(before.isDirectory && before.identity !== now.identity)) continue;
      left.add(name);
      if (!now) gone.set(name, before);
      this.#leavers.set(before.identity, { from: name });
    }
    for (const name of names) {
      const now = this.#found.get(name);
      const leaver = now && this.#leavers.get(now.identity);
      if (leaver && this.#known.get(name)?.identity !== now.identity && !isIn(name, leaver.from)) {
        leaver.to ??= name;
      }
    }
    return gone;
  }

  #settle(name: string): void {
    const now = this.#found.get(name);
    if (!now || this.#settled.has(name)) return;
    this.#settled.add(name);
    // What is in a directory comes after it, and what leaves a name before what takes it.
    const parent = name.slice(0, Math.max(0, name.lastIndexOf("/")));
    if (parent !== "") this.#settle(parent);
    const occupant = this.#known.get(name);
    if (occupant && occupant.identity !== now.identity) {
      const { to } = this.#leavers.get(occupant.identity) ?? {};
      if (to !== undefined) this.#settle(to);
    }
    this.#tell(name, now);
    this.#known.set(name, now);
  }

  #tell(name: string, now: Known): void {
    const before = this.#known.get(name);
    if (before?.identity === now.identity) {
      const isTouched = this.#options.areTouched && !now.isDirectory &&
        !isBelowAny(name, this.#made) && !isBelowAny(name, this.#moved);
      if (isTouched || before.mark !== now.mark) this.#changes.push({ kind: "modify", name });
      return;
    }
    const leaver = this.#leavers.get(now.identity);
    if (leaver?.to === name && this.#known.get(leaver.from)?.identity === now.identity) {
      this.#move(leaver.from, name);
      this.#changes.push({ kind: "rename", from: leaver.from, name });
      if (now.isDirectory) this.#moved.add(name);
    } else if (before && !before.isDirectory && !now.isDirectory) {
      this.#changes.push({ kind: "modify", name });
    } else {
      if (before) {
        this.#forget(name);
        this.#changes.push({ kind: "remove", name });
      }
      this.#changes.push({ kind: "create", name });
      if (now.isDirectory) this.#made.add(name);
    }
  }

  #move(from: string, to: string): void {
    this.#forget(to);
    for (const [name, known] of [...this.#known]) {
      if (!isIn(name, from)) continue;
      this.#known.delete(name);
      this.#known.set(to + name.slice(from.length), known);
    }
  }

  /** In one pass over all that is known: a tree may lose thousands of directories at once. */
  #forgetAll(gone: ReadonlySet<string>): void {
    if (gone.size === 0) return;
    for (const name of [...this.#known.keys()]) {
      if (gone.has(name) || isBelowAny(name, gone)) this.#known.delete(name);
    }
  }

  #forget(name: string): void {
    const known = this.#known.get(name);
    this.#known.delete(name);
    if (!known?.isDirectory) return;
    for (const other of [...this.#known.keys()]) {
      if (isIn(other, name)) this.#known.delete(other);
    }
  }
}

function isIn(name: string, directory: string): boolean {
  return name === directory || name.startsWith(`${directory}/`);
}

function isBelowAny(name: string, directories: ReadonlySet<string>): boolean {
  if (directories.size === 0) return false;
  for (let end = name.lastIndexOf("/"); end > 0; end = name.lastIndexOf("/", end - 1)) {
    if (directories.has(name.slice(0, end))) return true;
  }
  return false;
}
