import { constants, readlinkSync } from "node:fs";
import { lstat, open, readdir, readlink } from "node:fs/promises";
import { GIT_FILE_BYTES } from "../limits.ts";
import type { PathSet } from "../host/child_process.ts";
import { mountTable } from "../host/mount_table.ts";
import { kindOfEntry, kindOfFailure, type PathKind, pathKinds } from "../host/path_kind.ts";
import { osErrorCode } from "../native/os_errors.ts";
import { parentOf } from "./places.ts";
import { UnenforceableError } from "./unenforceable_error.ts";

/** What a policy has to know of the disk to be resolved. */
export interface DiskView {
  /** What is at a path that no link leads to. At once, as a rule: a policy may name very many paths. */
  kindOf(path: string): PathKind | Promise<PathKind>;
  /** Where a link there leads, at once as well. */
  linkTarget(path: string): string | Promise<string>;
  /** The names in a directory, with their kinds; none where it cannot be read. */
  list(path: string): Promise<readonly { readonly name: string; readonly kind: PathKind }[]>;
  /** The beginning of a file; empty where it cannot be read. */
  beginning(path: string): Promise<string>;
}

/** This machine's disk, with the file systems that are mounted now. */
export function diskNow(remote: ReadonlySet<string> = mountTable.remote): DiskView {
  const mayHang = (path: string) => remote.size > 0 && isWithin(path, remote);
  return {
    kindOf(path) {
      refuseBytes(path);
      try {
        // Only there may the answer never come.
        return mayHang(path)
          ? lstat(path).then(kindOfEntry, (error) => failure(path, error))
          : pathKinds.at(path);
      } catch (error) {
        return failure(path, error);
      }
    },

    linkTarget: (path) => mayHang(path) ? readlink(path) : readlinkSync(path),

    list,
    beginning,
  };
}

/** This machine's disk without some paths. */
export function without(paths: PathSet, disk: DiskView = diskNow()): DiskView {
  return { ...disk, kindOf: (path) => paths.has(path) ? "missing" : disk.kindOf(path) };
}

async function list(path: string): ReturnType<DiskView["list"]> {
  try {
    const found = await readdir(path, { withFileTypes: true });
    return found.map((entry) => ({ name: entry.name, kind: kindOfEntry(entry) }));
  } catch {
    return [];
  }
}

async function beginning(path: string): Promise<string> {
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
}

/** Whether a path lies in one of some directories, or is one. */
function isWithin(path: string, directories: ReadonlySet<string>): boolean {
  for (let at = path; at !== "/"; at = parentOf(at)) if (directories.has(at)) return true;
  return false;
}

function failure(path: string, error: unknown): PathKind {
  const kind = kindOfFailure(osErrorCode(error));
  if (kind) return kind;
  throw new UnenforceableError(`${path} cannot be looked at: ${(error as Error).message}`, { cause: error });
}

/** A name that is not text cannot be asked for here, and what is not known cannot be kept from anybody. */
function refuseBytes(path: string): void {
  if (path.isWellFormed()) return;
  throw new UnenforceableError("a path of the policy has bytes that are not UTF-8: name its parent instead");
}
