import { join } from "node:path";
import { PATTERN_MATCHES, PATTERN_NAMES } from "../limits.ts";
import type { DiskView } from "./disk_view.ts";
import { coversName, type PathPattern } from "./pattern.ts";
import { UnenforceableError } from "./unenforceable_error.ts";

/** The files that match a pattern now. Directories do not, links are neither taken for files nor followed. */
export async function findMatches(
  disk: DiskView,
  pattern: PathPattern,
  maxDepth = Infinity,
): Promise<string[]> {
  const search = new Search(disk, pattern, maxDepth);
  await search.look(pattern.base, new Set([0]), 1);
  return search.found;
}

class Search {
  readonly found: string[] = [];
  readonly #disk: DiskView;
  readonly #segments: PathPattern["segments"];
  readonly #maxDepth: number;
  #names = 0;

  constructor(disk: DiskView, { segments }: PathPattern, maxDepth: number) {
    this.#disk = disk;
    this.#segments = segments;
    this.#maxDepth = maxDepth;
  }

  /** @param open the segments that a name here may have to match, by number */
  async look(directory: string, open: ReadonlySet<number>, depth: number): Promise<void> {
    const wanted = this.#widened(open);
    const { length } = this.#segments;
    for (const { name, kind } of await this.#disk.list(directory)) {
      if (++this.#names > PATTERN_NAMES) throw tooMuch(`looks at more than ${PATTERN_NAMES} names`);
      const next = new Set([...wanted].flatMap((segment) => this.#behind(segment, name)));
      if (kind === "file" && next.has(length)) this.#match(join(directory, name));
      next.delete(length);
      if (kind !== "directory" || next.size === 0 || depth >= this.#maxDepth) continue;
      await this.look(join(directory, name), next, depth + 1);
    }
  }

  /** The same, and what follows where `**` stands for no segment. */
  #widened(open: ReadonlySet<number>): Set<number> {
    const all = new Set(open);
    for (const segment of all) {
      if (this.#segments[segment] === "any depth" && segment + 1 < this.#segments.length) {
        all.add(segment + 1);
      }
    }
    return all;
  }

  /** What may follow behind a name that stands where a segment does. */
  #behind(segment: number, name: string): number[] {
    const tokens = this.#segments[segment]!;
    // At the end it stands for every file below, in this directory or deeper.
    if (tokens === "any depth") {
      return segment + 1 === this.#segments.length ? [segment, segment + 1] : [segment];
    }
    return coversName(tokens, name) ? [segment + 1] : [];
  }

  #match(path: string): void {
    if (path.includes("\ufffd")) {
      throw new UnenforceableError(`a pattern matches ${path}, whose name has bytes that are not UTF-8`);
    }
    if (this.found.push(path) > PATTERN_MATCHES) throw tooMuch(`matches more than ${PATTERN_MATCHES} files`);
  }
}

function tooMuch(what: string): UnenforceableError {
  return new UnenforceableError(`a pattern ${what}: begin it deeper, or limit it with glob_scan_max_depth`);
}
