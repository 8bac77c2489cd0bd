import { lstatSync } from "node:fs";
import { osErrorCode } from "../native/os_errors.ts";

/** What is at a path: a link is not followed. `unreachable` is what this program may not look at. */
export type PathKind = "directory" | "file" | "link" | "missing" | "unreachable";

/** Looks at a path at once, in whatever way this program has. */
export type LookAt = (path: string) => PathKind;

/** The looks at paths, of which a policy may take very many. */
export class PathKinds {
  #look: LookAt = lookByRuntime;

  /** Says who can look at a path for less than the runtime takes. */
  lookWith(look: LookAt): void {
    this.#look = look;
  }

  /**
   * What is at an absolute path. It holds the program up, so that it must be on a file system that answers.
   *
   * @throws {Error} with `code` for a path that cannot be looked at
   */
  at(path: string): PathKind {
    return this.#look(path);
  }
}

/** Those of this program. */
export const pathKinds: PathKinds = new PathKinds();

/** By the runtime's own call. */
export function lookByRuntime(path: string): PathKind {
  try {
    return kindOfEntry(lstatSync(path, { throwIfNoEntry: false }));
  } catch (error) {
    return kindOfFailure(osErrorCode(error)) ?? raise(error);
  }
}

/** The kind of something that is there, or of nothing. */
export function kindOfEntry(
  found: { isDirectory(): boolean; isSymbolicLink(): boolean } | undefined,
): PathKind {
  if (!found) return "missing";
  return found.isDirectory() ? "directory" : found.isSymbolicLink() ? "link" : "file";
}

/** What an error says of what is at a path; undefined where it says nothing. */
export function kindOfFailure(code: string | undefined): PathKind | undefined {
  if (code === "ENOENT" || code === "ENOTDIR") return "missing";
  if (code === "EACCES" || code === "ELOOP" || code === "ENAMETOOLONG") return "unreachable";
  return undefined;
}

function raise(error: unknown): never {
  throw error;
}
