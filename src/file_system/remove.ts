import { failed, refused } from "../native/operation_error.ts";
import { osErrorCode } from "../native/os_errors.ts";
import type { Disk } from "./disk.ts";
import type { RemoveOptions } from "./operations.ts";
import { parentOf } from "./paths.ts";
import { removeTree } from "./remove_tree.ts";
import { goWithoutLinks, refuseLink } from "./without_links.ts";

/**
 * Removes a file, a link (never what it leads to) or a directory.
 *
 * @throws {OperationError} REFUSED for the root directory, and for a link with `followSymlinks: false`
 * @throws {Error} the operating system's: ENOENT when it does not exist and `force` is false, ENOTEMPTY for a directory
 *   without `recursive`
 */
export async function remove(disk: Disk, path: string, options: RemoveOptions = {}): Promise<void> {
  const { recursive = true, force = true, followSymlinks = true } = options;
  try {
    if (followSymlinks) return await removeFollowing(disk, path, recursive);
    if (recursive) throw failed("recursive no-follow removal is unsupported");
    await using place = await goWithoutLinks(disk, path);
    const stats = refuseLink(await disk.lstat(place.path));
    await (stats.isDirectory() ? disk.rmdir(place.path) : disk.unlink(place.path));
  } catch (error) {
    if (!force || osErrorCode(error) !== "ENOENT") throw error;
  }
}

async function removeFollowing(disk: Disk, path: string, recursive: boolean): Promise<void> {
  // The reference would empty the whole machine before it met an entry that is in use.
  if (parentOf(path) === undefined) throw refused("fs/remove does not remove the root directory");
  const stats = await disk.lstat(path);
  if (!stats.isDirectory()) await disk.unlink(path);
  else if (recursive) await removeTree(disk, path);
  else await disk.rmdir(path);
}
