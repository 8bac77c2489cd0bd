import type { Access } from "./policy.ts";

/** What is at a place when the policy is resolved. */
export type PlaceKind = "directory" | "file" | "missing";

/** A path, without links, from which on down an access applies until a deeper place. */
export interface Place {
  readonly path: string;
  readonly access: Access;
  readonly kind: PlaceKind;
  /** Whether it is read only because of its name: where it is missing, it is taken for an empty directory. */
  readonly isProtected: boolean;
}

/** What can be done with a path under a policy. */
export type PathClass =
  /** Everything that the server may do. */
  | "writable"
  /** Reading; changes are answered EROFS. */
  | "readOnly"
  /** Nothing: EACCES. Only of the place itself something is told: it is a directory, or an empty file. */
  | "denied"
  /** It is not there: ENOENT. */
  | "absent";

/** What a policy says of a path. */
export interface Verdict {
  readonly class: PathClass;
  /** The place that decides; undefined where it is the root. */
  readonly place: Place | undefined;
  /** Whether the path is that place itself, which can be neither removed nor renamed: EBUSY. */
  readonly isPlace: boolean;
  /** Whether something below it is open though it is `denied` or `absent` itself: it can be passed, and not be listed. */
  readonly isPassage: boolean;
}

const classes = { write: "writable", read: "readOnly", none: "denied" } as const;

/** The places of a policy: the deepest one that covers a path decides. */
export class Places {
  readonly #root: PathClass;
  readonly #byPath = new Map<string, Place>();
  readonly #passages = new Set<string>();

  /** @param root what applies where no place does */
  constructor(root: PathClass) {
    this.#root = root;
  }

  /** Adds a place, or makes one of this path stricter: `none` beats `write`, which beats `read`. */
  add(place: Place): void {
    const known = this.#byPath.get(place.path);
    if (!known || strength[place.access] > strength[known.access]) this.#byPath.set(place.path, place);
    if (place.access === "none") return;
    for (let at = parentOf(place.path); !this.#passages.has(at); at = parentOf(at)) this.#passages.add(at);
  }

  get(path: string): Place | undefined {
    return this.#byPath.get(path);
  }

  /** What applies to an absolute path without links and without `.` and `..`. */
  at(path: string): Verdict {
    const place = this.#cover(path);
    const isPlace = place?.path === path;
    const found = place ? classes[place.access] : this.#root;
    const isPassage = (found === "denied" || found === "absent") && this.#passages.has(path);
    return { class: found, place, isPlace, isPassage };
  }

  /** What would apply to a path if it were no place itself. */
  around(path: string): PathClass {
    if (path === "/") return this.#root;
    const place = this.#cover(parentOf(path));
    return place ? classes[place.access] : this.#root;
  }

  /** These and others. */
  with(others: readonly Place[]): Places {
    const all = new Places(this.#root);
    for (const place of [...this.#byPath.values(), ...others]) all.add(place);
    return all;
  }

  /** Shallow before deep. */
  sorted(): Place[] {
    const byDepth: Place[][] = [];
    for (const place of this.#byPath.values()) (byDepth[depth(place.path)] ??= []).push(place);
    // Sorted by name, so that a policy has one plan.
    return byDepth.flatMap((places) => places.sort((one, other) => one.path < other.path ? -1 : 1));
  }

  #cover(path: string): Place | undefined {
    for (let at = path;; at = parentOf(at)) {
      const place = this.#byPath.get(at);
      if (place || at === "/") return place;
    }
  }
}

/** Of two accesses for one path the stronger one counts. */
export const strength: Readonly<Record<Access, number>> = { read: 0, write: 1, none: 2 };

function depth(path: string): number {
  let slashes = 0;
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) slashes++;
  return slashes;
}

/** Quicker than Node's for paths that need no cleaning. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}
