import type { Stats } from "node:fs";
import type { Disk } from "./disk.ts";
import type { FileMetadata, LinkOptions } from "./operations.ts";
import { statWithoutLinks } from "./without_links.ts";

/**
 * What a path leads to.
 *
 * @throws {OperationError} REFUSED for a link with `followSymlinks: false`
 * @throws {Error} the operating system's, such as ENOENT, also for a dangling link
 */
export async function getMetadata(
  disk: Disk,
  path: string,
  options: LinkOptions & { readonly tellMode?: boolean } = {},
): Promise<FileMetadata> {
  const { followSymlinks, tellMode = false } = options;
  const tell = (stats: Stats, isSymlink: boolean) => ({
    ...metadataOf(stats, isSymlink),
    ...tellMode && { mode: stats.mode & 0o7777 },
  });
  if (followSymlinks === false) return tell(await statWithoutLinks(disk, path), false);
  const named = await disk.lstat(path);
  if (!named.isSymbolicLink()) return tell(named, false);
  return tell(await disk.stat(path), true);
}

function metadataOf(stats: Stats, isSymlink: boolean): FileMetadata {
  return {
    isDirectory: stats.isDirectory(),
    isFile: stats.isFile(),
    isSymlink,
    size: stats.size,
    createdAtMs: Math.floor(stats.birthtimeMs),
    modifiedAtMs: Math.floor(stats.mtimeMs),
  };
}
