import { WALK_ANSWER_BYTES, WALK_ENTRY_BYTES, WALK_MAXIMUMS } from "../limits.ts";
import { invalidRequest } from "../protocol/errors.ts";
import { childUri } from "../protocol/file_uri.ts";
import { fromOsError } from "../protocol/os_errors.ts";
import { readablePath } from "../protocol/path_text.ts";
import type { Disk } from "./disk.ts";
import { identityOf } from "./entry.ts";
import { answering } from "./failures.ts";
import { join } from "./paths.ts";
import { uriOf } from "./platform.ts";
import { type FollowedEntry, followLinks } from "./read_directory.ts";
import { SmallestEntries } from "./smallest_entries.ts";

/** How far a walk goes. */
export interface WalkOptions {
  /** Levels below the root's children; 0 lists only these. */
  maxDepth: number;
  /** Directories entered at the most, with the root. */
  maxDirectories: number;
  /** Names looked at at the most, dangling links not counted. */
  maxEntries: number;
  /** List links to directories, and enter them; each directory is entered once, whatever leads to it. */
  followDirectorySymlinks: boolean;
  /** List directories whose name starts with a dot, but do not enter them. */
  pruneHiddenDirectories?: boolean;
  /** The root's URI as the client spells it; what is found is told below it. */
  uri?: string;
}

/** What a walk found, breadth first and in each directory by name. */
export interface WalkResult {
  entries: { path: string; kind: "file" | "directory" }[];
  /** Directories that could not be read, and names that are not UTF-8. */
  errors: { path: string; message: string }[];
  /** Whether a limit cut something off. */
  truncated: boolean;
}

/**
 * Lists a tree. A root that is no directory, or a link while links are not followed, has nothing in it.
 *
 * @throws {RpcError} -32004 when the root does not exist; -32600 for limits out of range
 */
export function walk(disk: Disk, root: string, options: WalkOptions): Promise<WalkResult> {
  return answering(() => {
    checkLimits(options);
    return new Walk(disk, options).from(root);
  });
}

function checkLimits({ maxDepth, maxDirectories, maxEntries }: WalkOptions): void {
  if (maxDirectories === 0 || maxEntries === 0) {
    throw invalidRequest("filesystem walk limits must be greater than zero");
  }
  const { depth, directories, entries } = WALK_MAXIMUMS;
  if (maxDepth > depth || maxDirectories > directories || maxEntries > entries) {
    throw invalidRequest(
      `filesystem walk limits exceed maximums: depth=${depth}, directories=${directories}, entries=${entries}`,
    );
  }
}

interface Visit {
  readonly path: string;
  readonly uri: string;
  readonly depth: number;
}

class Walk {
  readonly #disk: Disk;
  readonly #options: WalkOptions;
  readonly #result: WalkResult = { entries: [], errors: [], truncated: false };
  readonly #known = new Set<string>();
  #looked = 0;
  #answerBytes = 0;

  constructor(disk: Disk, options: WalkOptions) {
    this.#disk = disk;
    this.#options = options;
  }

  async from(root: string): Promise<WalkResult> {
    const stats = await this.#disk.stat(root);
    const isLink = (await this.#disk.lstat(root)).isSymbolicLink();
    if (!stats.isDirectory() || (isLink && !this.#options.followDirectorySymlinks)) return this.#result;
    this.#known.add(identityOf(stats));
    const visits: Visit[] = [{ path: root, uri: this.#options.uri ?? uriOf(root), depth: 0 }];
    for (let entered = 0; entered < visits.length && !this.#result.truncated; entered++) {
      if (entered === this.#options.maxDirectories) this.#result.truncated = true;
      else await this.#enter(visits[entered]!, visits);
    }
    return this.#result;
  }

  async #enter(visit: Visit, visits: Visit[]): Promise<void> {
    const left = this.#options.maxEntries - this.#looked;
    const found = new SmallestEntries<FollowedEntry>(left + 1);
    try {
      for await (const entries of this.#disk.list(visit.path)) {
        found.add(await followLinks(this.#disk, visit.path, entries));
      }
    } catch (error) {
      this.#tellError(visit.uri, fromOsError(error).message);
      return;
    }
    for (const entry of found.sorted()) {
      if (this.#looked === this.#options.maxEntries) this.#result.truncated = true;
      if (this.#result.truncated) return;
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
    const { followDirectorySymlinks, pruneHiddenDirectories, maxDepth } = this.#options;
    if (!name.isWellFormed()) {
      this.#tellError(childUri(visit.uri, readablePath(name)), "The name is not UTF-8");
      return;
    }
    if (isLink && !(kind === "directory" && followDirectorySymlinks)) return;
    if (kind !== "directory" && kind !== "file") return;
    const uri = childUri(visit.uri, name);
    if (!this.#takes(uri.length)) return;
    this.#result.entries.push({ path: uri, kind });
    if (kind === "file" || visit.depth === maxDepth) return;
    if (pruneHiddenDirectories && name.startsWith(".")) return;
    const path = join(visit.path, name);
    if (followDirectorySymlinks && await this.#isKnown(path)) return;
    return { path, uri, depth: visit.depth + 1 };
  }

  async #isKnown(path: string): Promise<boolean> {
    const identity = identityOf(await this.#disk.stat(path));
    if (this.#known.has(identity)) return true;
    this.#known.add(identity);
    return false;
  }

  #tellError(path: string, message: string): void {
    if (this.#takes(path.length + message.length)) this.#result.errors.push({ path, message });
  }

  /** Whether the answer has room for so much more text. */
  #takes(chars: number): boolean {
    this.#answerBytes += WALK_ENTRY_BYTES + chars;
    if (this.#answerBytes > WALK_ANSWER_BYTES) this.#result.truncated = true;
    return !this.#result.truncated;
  }
}
