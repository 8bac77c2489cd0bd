import { constants } from "node:fs";
import { Base64Error, decodeBase64 } from "../protocol/base64.ts";
import { invalidRequest } from "../protocol/errors.ts";
import type { Disk } from "./disk.ts";
import type { DiskFile } from "./disk_file.ts";
import { answering, notAFile, takesBytes } from "./failures.ts";
import { O_NOCTTY } from "./platform.ts";
import { goWithoutLinks } from "./without_links.ts";

/** How a file is written. */
export interface WriteFileOptions {
  /** False refuses a link anywhere in the path; true by default. */
  followSymlinks?: boolean;
}

/**
 * Replaces what a file holds, or makes the file. What exists keeps its mode, owner and number; a link is written
 * through, also one that dangles. Parents are not made. Not atomic: a reader may see a part.
 *
 * @throws {RpcError} -32004 when its directory does not exist; -32600 for a FIFO or socket and without permission;
 *   -32603 for a directory and any other failure
 */
export function writeFile(
  disk: Disk,
  path: string,
  bytes: Uint8Array,
  options: WriteFileOptions = {},
): Promise<void> {
  return answering(async () => {
    if (options.followSymlinks === false) {
      await using place = await goWithoutLinks(disk, path);
      await using file = await openForReplacing(disk, place.path, constants.O_NOFOLLOW);
      return await writeAll(file, bytes, null);
    }
    await using file = await openForReplacing(disk, path);
    await writeAll(file, bytes, null);
  });
}

/**
 * The bytes of `fs/writeFile`, which refuses text that is no base64 with a code of its own.
 *
 * @throws {RpcError} -32600
 */
export function decodeFileData(dataBase64: string): Uint8Array {
  try {
    return decodeBase64(dataBase64);
  } catch (error) {
    if (!(error instanceof Base64Error)) throw error;
    throw invalidRequest(`fs/writeFile requires valid base64 dataBase64: ${error.message}`, { cause: error });
  }
}

/**
 * Opens a file for writing from its start, made when it is missing and emptied when it is not. It is emptied only
 * after it has been seen to be a file, and opening waits for no reader of a FIFO.
 */
export async function openForReplacing(disk: Disk, path: string, flags = 0): Promise<DiskFile> {
  const file = await disk.open(path, constants.O_WRONLY | constants.O_CREAT | nonBlocking | O_NOCTTY | flags);
  try {
    const stats = await file.stat();
    if (!takesBytes(stats)) throw notAFile(path);
    if (stats.size > 0 && stats.isFile()) await file.truncate(0);
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
