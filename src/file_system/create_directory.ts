import { internalError } from "../protocol/errors.ts";
import { osErrorCode } from "../protocol/os_errors.ts";
import type { Disk } from "./disk.ts";
import { answering } from "./failures.ts";
import { parentOf } from "./paths.ts";
import { goWithoutLinks, makeWithoutLinks } from "./without_links.ts";

/** How a directory is made. */
export interface CreateDirectoryOptions {
  /** Make missing parents, and take a directory that exists for made; true by default. */
  recursive?: boolean;
  /** False refuses a link anywhere in the path; true by default. */
  followSymlinks?: boolean;
}

/**
 * Makes a directory with mode 0777 less the umask.
 *
 * @throws {RpcError} -32004 when its parent does not exist and `recursive` is false; -32603 when something else is
 *   there (or anything, without `recursive`) and for any other failure; -32600 without permission
 */
export function createDirectory(
  disk: Disk,
  path: string,
  options: CreateDirectoryOptions = {},
): Promise<void> {
  const { recursive = true, followSymlinks = true } = options;
  return answering(async () => {
    if (followSymlinks) return recursive ? await makeWithParents(disk, path) : await disk.mkdir(path);
    if (recursive) return await makeWithoutLinks(disk, path);
    if (parentOf(path) === undefined) throw internalError("directory already exists");
    await using place = await goWithoutLinks(disk, path);
    await disk.mkdir(place.path);
  });
}

/** Makes a directory and those above it that are missing. */
export async function makeWithParents(disk: Disk, path: string): Promise<void> {
  const missing: string[] = [];
  for (let at: string | undefined = path; at !== undefined; at = parentOf(at)) {
    if (await makeOrFind(disk, at)) break;
    missing.push(at);
  }
  // The kernel may refuse to make anything in a directory that exists, as in /proc; then this fails a second time.
  for (const at of missing.reverse()) {
    if (!await makeOrFind(disk, at)) await disk.mkdir(at);
  }
}

/** False when the parent is missing. */
async function makeOrFind(disk: Disk, path: string): Promise<boolean> {
  try {
    await disk.mkdir(path);
    return true;
  } catch (error) {
    if (osErrorCode(error) === "ENOENT") return false;
    if (await isDirectory(disk, path)) return true;
    throw error;
  }
}

async function isDirectory(disk: Disk, path: string): Promise<boolean> {
  return await disk.stat(path).then((stats) => stats.isDirectory(), () => false);
}
