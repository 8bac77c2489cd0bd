import { failed } from "../native/operation_error.ts";
import { osErrorCode } from "../native/os_errors.ts";
import type { Disk } from "./disk.ts";
import type { CreateDirectoryOptions } from "./operations.ts";
import { parentOf } from "./paths.ts";
import { goWithoutLinks, makeWithoutLinks } from "./without_links.ts";

/**
 * Makes a directory with mode 0777 less the umask.
 *
 * @throws {Error} the operating system's: ENOENT when its parent does not exist and `recursive` is false, EEXIST when
 *   something else is there (or anything, without `recursive`)
 */
export async function createDirectory(
  disk: Disk,
  path: string,
  options: CreateDirectoryOptions = {},
): Promise<void> {
  const { recursive = true, followSymlinks = true } = options;
  if (followSymlinks) return recursive ? await makeWithParents(disk, path) : await disk.mkdir(path);
  if (recursive) return await makeWithoutLinks(disk, path);
  if (parentOf(path) === undefined) throw failed("directory already exists");
  await using place = await goWithoutLinks(disk, path);
  await disk.mkdir(place.path);
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
