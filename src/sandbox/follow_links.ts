import { dirname, resolve } from "node:path";
import type { PathKind } from "../host/path_kind.ts";
import { LINKS_FOLLOWED } from "../limits.ts";
import type { DiskView } from "./disk_view.ts";
import { parentOf } from "./places.ts";
import { UnenforceableError } from "./unenforceable_error.ts";

/** A link on the way to a path. */
export interface LinkPassed {
  /** Where it lies; no link leads there. */
  readonly path: string;
  /** What it says. */
  readonly target: string;
}

/** Where a path leads. */
export interface Followed {
  /** Without links, as far as it exists: behind it stands what is missing. */
  readonly path: string;
  readonly kind: Exclude<PathKind, "link">;
  /** The first component that does not exist, where one does not. */
  readonly missing: string | undefined;
  readonly links: readonly LinkPassed[];
}

/** Follows paths to what they name, and looks at each component once. */
export class LinkFollower {
  readonly #disk: DiskView;
  readonly #kinds = new Map<string, PathKind | Promise<PathKind>>();

  constructor(disk: DiskView) {
    this.#disk = disk;
  }

  /**
   * At once where the disk answers so: thousands of promises take longer than thousands of looks.
   *
   * @throws {UnenforceableError} for links that lead in a circle, and for a path through a file
   */
  follow(path: string): Followed | Promise<Followed> {
    return this.#beside(path) ?? goOn(new Walk(path), this.#disk, (path) => this.kindOf(path));
  }

  /** The same for a path in a directory that was passed before, where it is no link: one look tells. */
  #beside(path: string): Followed | undefined {
    if (!isPlain(path) || this.#kinds.get(parentOf(path)) !== "directory") return undefined;
    const kind = this.kindOf(path);
    if (typeof kind !== "string" || kind === "link") return undefined;
    return { path, kind, missing: kind === "missing" ? path : undefined, links: [] };
  }

  /** What is at a path that no link leads to. */
  kindOf(path: string): PathKind | Promise<PathKind> {
    let kind = this.#kinds.get(path);
    if (kind === undefined) this.#kinds.set(path, kind = this.#disk.kindOf(path));
    return kind;
  }
}

function goOn(walk: Walk, disk: DiskView, kindOf: DiskView["kindOf"]): Followed | Promise<Followed> {
  for (let next = walk.next(); next !== undefined; next = walk.next()) {
    const at = next;
    const then = (kind: PathKind) => {
      if (kind !== "link") return walk.pass(at, kind);
      const target = disk.linkTarget(at);
      return typeof target === "string" ? walk.turn(at, target) : target.then((to) => walk.turn(at, to));
    };
    const kind = kindOf(at);
    const passed = typeof kind === "string" ? then(kind) : kind.then(then);
    if (passed) return passed.then(() => goOn(walk, disk, kindOf));
  }
  return walk.followed();
}

/** A path that is being followed, from component to component. */
class Walk {
  readonly #path: string;
  readonly #links: LinkPassed[] = [];
  /** The names that are left, the next one last. */
  readonly #names: string[];
  #at = "";
  #kind: Followed["kind"] = "directory";

  constructor(path: string) {
    this.#path = path;
    this.#names = namesOf(path).reverse();
  }

  /** The next component; undefined at the end. */
  next(): string | undefined {
    if (this.#kind === "missing" || this.#kind === "unreachable" || this.#names.length === 0) {
      return undefined;
    }
    if (this.#kind === "file") {
      throw new UnenforceableError(`${this.#path} leads through ${this.#at}, which is a file`);
    }
    return `${this.#at}/${this.#names.pop()}`;
  }

  pass(path: string, kind: Followed["kind"]): void {
    this.#at = path;
    this.#kind = kind;
  }

  turn(path: string, target: string): void {
    this.#links.push({ path, target });
    if (this.#links.length > LINKS_FOLLOWED) {
      throw new UnenforceableError(`${this.#path} passes too many links`);
    }
    this.#names.push(...namesOf(resolve(dirname(path), target)).reverse());
    this.#at = "";
  }

  followed(): Followed {
    const path = [this.#at, ...this.#names.toReversed()].join("/") || "/";
    return {
      path,
      kind: this.#kind,
      missing: this.#kind === "missing" ? this.#at : undefined,
      links: this.#links,
    };
  }
}

function namesOf(path: string): string[] {
  return plain(path).split("/").filter((name) => name !== "");
}

/** An absolute path without `.`, `..` and empty names. */
export function plain(path: string): string {
  return isPlain(path) ? path : resolve("/", path);
}

/** A fraction of what it takes to resolve one. */
function isPlain(path: string): boolean {
  return path.startsWith("/") && !/\/\.{0,2}(?:\/|$)/.test(path);
}
