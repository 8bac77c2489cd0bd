import { constants, lstatSync } from "node:fs";
import { lstat, open, readdir, readlink } from "node:fs/promises";
import { GIT_FILE_BYTES } from "../limits.ts";
import type { PathSet } from "../host/child_process.ts";
import { remoteMountOf } from "../host/remote_path.ts";
import { osErrorCode } from "../native/os_errors.ts";
import { UnenforceableError } from "./unenforceable_error.ts";

/** What is at a path: a link is not followed. `unreachable` is what this program may not look at. */
export type FoundKind = "directory" | "file" | "link" | "missing" | "unreachable";

/** What a policy has to know of the disk to be resolved. */
export interface DiskView {
  /** At once, as a rule: a policy may name very many paths. */
  kindOf(path: string): FoundKind | Promise<FoundKind>;
  linkTarget(path: string): Promise<string>;
  /** The names in a directory, with their kinds; none where it cannot be read. */
  list(path: string): Promise<readonly { readonly name: string; readonly kind: FoundKind }[]>;
  /** The beginning of a file; empty where it cannot be read. */
  beginning(path: string): Promise<string>;
}

/** This machine's disk. */
export const thisDisk: DiskView = {
  kindOf(path) {
    refuseBytes(path);
    // Only there may the answer never come.
    if (remoteMountOf(path) !== undefined) return lstat(path).then(kind, (error) => failure(path, error));
    try {
      return kind(lstatSync(path, { throwIfNoEntry: false }));
    } catch (error) {
      return failure(path, error);
    }
  },

  linkTarget: (path) => readlink(path),

  async list(path) {
    try {
      const found = await readdir(path, { withFileTypes: true });
      return found.map((entry) => ({ name: entry.name, kind: kind(entry) }));
    } catch {
      return [];
    }
  },

  async beginning(path) {
    // A pipe of that name must not be waited for.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
    if (!file) return "";
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(GIT_FILE_BYTES), 0, GIT_FILE_BYTES);
      return new TextDecoder().decode(buffer.subarray(0, bytesRead));
    } catch {
      return "";
    } finally {
      await file.close();
    }
  },
};

/** This machine's disk without some paths. */
export function without(paths: PathSet, disk: DiskView = thisDisk): DiskView {
  return { ...disk, kindOf: (path) => paths.has(path) ? "missing" : disk.kindOf(path) };
}

function kind(found: { isDirectory(): boolean; isSymbolicLink(): boolean } | undefined): FoundKind {
  if (!found) return "missing";
  return found.isDirectory() ? "directory" : found.isSymbolicLink() ? "link" : "file";
}

function failure(path: string, error: unknown): FoundKind {
  const code = osErrorCode(error);
  if (code === "ENOENT" || code === "ENOTDIR") return "missing";
  if (code === "EACCES" || code === "ELOOP" || code === "ENAMETOOLONG") return "unreachable";
  throw new UnenforceableError(`${path} cannot be looked at: ${(error as Error).message}`, { cause: error });
}

/** A name that is not text cannot be asked for here, and what is not known cannot be kept from anybody. */
function refuseBytes(path: string): void {
  if (path.isWellFormed()) return;
  throw new UnenforceableError("a path of the policy has bytes that are not UTF-8: name its parent instead");
}
