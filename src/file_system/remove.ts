import { internalError, invalidRequest } from "../protocol/errors.ts";
import { osErrorCode } from "../protocol/os_errors.ts";
import type { Disk } from "./disk.ts";
import { answering } from "./failures.ts";
import { parentOf } from "./paths.ts";
import { removeTree } from "./remove_tree.ts";
import { goWithoutLinks, refuseLink } from "./without_links.ts";

/** How something is removed. */
export interface RemoveOptions {
  /** Remove what a directory holds, too; true by default. */
  recursive?: boolean;
  /** Take a path that does not exist for removed; true by default. */
  force?: boolean;
  /** False refuses a link anywhere in the path, and needs `recursive: false`; true by default. */
  followSymlinks?: boolean;
}

/**
 * Removes a file, a link (never what it leads to) or a directory.
 *
 * @throws {RpcError} -32004 when it does not exist and `force` is false; -32600 for the root directory and without
 *   permission; -32603 for a directory that is not empty, without `recursive`, and for any other failure
 */
export function remove(disk: Disk, path: string, options: RemoveOptions = {}): Promise<void> {
  const { recursive = true, force = true, followSymlinks = true } = options;
  return answering(async () => {
    try {
      if (followSymlinks) return await removeFollowing(disk, path, recursive);
      if (recursive) throw internalError("recursive no-follow removal is unsupported");
      await using place = await goWithoutLinks(disk, path);
      const stats = refuseLink(await disk.lstat(place.path));
      await (stats.isDirectory() ? disk.rmdir(place.path) : disk.unlink(place.path));
    } catch (error) {
      if (!force || osErrorCode(error) !== "ENOENT") throw error;
    }
  });
}

async function removeFollowing(disk: Disk, path: string, recursive: boolean): Promise<void> {
  // The reference would empty the whole machine before it met an entry that is in use.
  if (parentOf(path) === undefined) throw invalidRequest("fs/remove does not remove the root directory");
  const stats = await disk.lstat(path);
  if (!stats.isDirectory()) await disk.unlink(path);
  else if (recursive) await removeTree(disk, path);
  else await disk.rmdir(path);
}
