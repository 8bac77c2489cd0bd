import { constants } from "node:fs";
import type { Disk } from "./disk.ts";
import type { DiskFile } from "./disk_file.ts";
import { notAFile, takesBytes } from "./failures.ts";
import type { WriteFileOptions } from "./operations.ts";
import { O_NOCTTY } from "./platform.ts";
import { goWithoutLinks } from "./without_links.ts";

/**
 * Replaces what a file holds, or makes the file. What exists keeps its mode, owner and number; a link is written
 * through, also one that dangles. Parents are not made. Not atomic: a reader may see a part.
 *
 * @throws {OperationError} REFUSED for a FIFO or socket
 * @throws {Error} the operating system's: ENOENT when its directory does not exist, EISDIR for a directory
 */
export async function writeFile(
  disk: Disk,
  path: string,
  bytes: Uint8Array,
  options: WriteFileOptions = {},
): Promise<void> {
  if (options.followSymlinks === false) {
    await using place = await goWithoutLinks(disk, path);
    await using file = await openForReplacing(disk, place.path, constants.O_NOFOLLOW, options.mode);
    return await writeAll(file, bytes, null);
  }
  await using file = await openForReplacing(disk, path, 0, options.mode);
  await writeAll(file, bytes, null);
}

/**
 * Opens a file for writing from its start, made when it is missing and emptied when it is not. It is emptied only
 * after it has been seen to be a file, and opening waits for no reader of a FIFO.
 */
export async function openForReplacing(
  disk: Disk,
  path: string,
  flags = 0,
  mode?: number | null,
): Promise<DiskFile> {
  const opening = constants.O_WRONLY | constants.O_CREAT | nonBlocking | O_NOCTTY | flags;
  const file = await disk.open(path, opening, mode ?? undefined);
  try {
    const stats = await file.stat();
    if (!takesBytes(stats)) throw notAFile(path);
    if (stats.size > 0 && stats.isFile()) await file.truncate(0);
    // Before its bytes are there, for whoever may not see them. What made it takes the umask off.
    if (mode !== undefined && mode !== null && (stats.mode & 0o7777) !== mode) await file.setMode(mode);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

const nonBlocking = constants.O_NONBLOCK ?? 0;

/** Writes all the bytes, at the file's own position for null. */
export async function writeAll(file: DiskFile, bytes: Uint8Array, position: number | null): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const at = position === null ? null : position + done;
    done += await file.write(bytes, done, bytes.length - done, at);
  }
}
