import type { Stats } from "node:fs";
import type { Disk } from "./disk.ts";
import { answering } from "./failures.ts";
import { statWithoutLinks } from "./without_links.ts";

/** How a path is looked at. */
export interface MetadataOptions {
  /** False refuses a link anywhere in the path; true by default. */
  followSymlinks?: boolean;
}

/** What is known of a path. A device, FIFO or socket is neither file nor directory, and has the size 0. */
export interface Metadata {
  isDirectory: boolean;
  isFile: boolean;
  /** Whether the path's last name is a link; everything else is told of what it leads to. */
  isSymlink: boolean;
  /** In bytes. */
  size: number;
  /** Milliseconds since 1970; 0 where the system does not know. */
  createdAtMs: number;
  /** Milliseconds since 1970; negative before. */
  modifiedAtMs: number;
}

/**
 * What a path leads to.
 *
 * @throws {RpcError} -32004 when it does not exist, also for a dangling link; -32600 for a link with
 *   `followSymlinks: false` and without permission; -32603 for any other failure
 */
export function getMetadata(disk: Disk, path: string, options: MetadataOptions = {}): Promise<Metadata> {
  return answering(async () => {
    if (options.followSymlinks === false) return metadataOf(await statWithoutLinks(disk, path), false);
    const named = await disk.lstat(path);
    if (!named.isSymbolicLink()) return metadataOf(named, false);
    return metadataOf(await disk.stat(path), true);
  });
}

function metadataOf(stats: Stats, isSymlink: boolean): Metadata {
  return {
    isDirectory: stats.isDirectory(),
    isFile: stats.isFile(),
    isSymlink,
    size: stats.size,
    createdAtMs: Math.floor(stats.birthtimeMs),
    modifiedAtMs: Math.floor(stats.mtimeMs),
  };
}
