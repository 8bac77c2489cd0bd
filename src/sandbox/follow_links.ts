import { dirname, resolve } from "node:path";
import { LINKS_FOLLOWED } from "../limits.ts";
import type { DiskView, FoundKind } from "./disk_view.ts";
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
  readonly kind: Exclude<FoundKind, "link">;
  /** The first component that does not exist, where one does not. */
  readonly missing: string | undefined;
  readonly links: readonly LinkPassed[];
}

/** Follows paths to what they name, and looks at each component once. */
export class LinkFollower {
  readonly #disk: DiskView;
  readonly #kinds = new Map<string, FoundKind | Promise<FoundKind>>();

  constructor(disk: DiskView) {
    this.#disk = disk;
  }

  /** @throws {UnenforceableError} for links that lead in a circle, and for a path through a file */
  async follow(path: string): Promise<Followed> {
    const links: LinkPassed[] = [];
    const names = namesOf(path).reverse();
    let at = "";
    let kind: FoundKind = "directory";
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      const next = `${at}/${name}`;
      if (kind === "file") throw new UnenforceableError(`${path} leads through ${at}, which is a file`);
      const found = this.kindOf(next);
      kind = typeof found === "string" ? found : await found;
      if (kind === "missing" || kind === "unreachable") {
        const missing = kind === "missing" ? next : undefined;
        return { path: [next, ...names.reverse()].join("/"), kind, missing, links };
      }
      if (kind !== "link") at = next;
      else {
        const target = await this.#disk.linkTarget(next);
        links.push({ path: next, target });
        if (links.length > LINKS_FOLLOWED) throw new UnenforceableError(`${path} passes too many links`);
        names.push(...namesOf(resolve(dirname(next), target)).reverse());
        [at, kind] = ["", "directory"];
      }
    }
    return { path: at || "/", kind, missing: undefined, links };
  }

  /** What is at a path that no link leads to. */
  kindOf(path: string): FoundKind | Promise<FoundKind> {
    let kind = this.#kinds.get(path);
    if (kind === undefined) this.#kinds.set(path, kind = this.#disk.kindOf(path));
    return kind;
  }
}

function namesOf(path: string): string[] {
  return resolve("/", path).split("/").filter((name) => name !== "");
}
