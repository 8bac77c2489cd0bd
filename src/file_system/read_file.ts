import { Buffer } from "node:buffer";
import { constants, type Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { FILE_READ_BYTES } from "../limits.ts";
import { invalidRequest } from "../protocol/errors.ts";
import type { Disk } from "./disk.ts";
import { answering, notAFile } from "./failures.ts";
import { O_NOCTTY } from "./platform.ts";
import { goWithoutLinks } from "./without_links.ts";

/** How a file is read. */
export interface ReadFileOptions {
  /** False refuses a link anywhere in the path; true by default. */
  followSymlinks?: boolean;
}

/**
 * The bytes of a regular file, at most {@linkcode FILE_READ_BYTES}. Files of `/proc`, which have no size, are read
 * too.
 *
 * @throws {RpcError} -32004 when it does not exist; -32600 for what is no file, is too large or may not be read;
 *   -32603 for any other failure
 */
export function readFile(disk: Disk, path: string, options: ReadFileOptions = {}): Promise<Uint8Array> {
  return answering(async () => {
    if (options.followSymlinks === false) {
      await using place = await goWithoutLinks(disk, path);
      await using file = await disk.open(place.path, openFlags | constants.O_NOFOLLOW);
      const stats = await file.stat();
      if (!stats.isFile()) throw invalidRequest("path is not a regular file");
      return await readAll(file, stats);
    }
    await using file = await openRegular(disk, path);
    return await readAll(file.handle, file.stats);
  });
}

/** A regular file that is open for reading. */
export interface RegularFile extends AsyncDisposable {
  readonly handle: FileHandle;
  readonly stats: Stats;
}

/** Opens a regular file for reading, without waiting for the writer of a FIFO. */
export async function openRegular(disk: Disk, path: string): Promise<RegularFile> {
  const handle = await disk.open(path, openFlags);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw notAFile(path);
    return { handle, stats, [Symbol.asyncDispose]: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | O_NOCTTY;

/** Reads to the end, which is where reading ends: the size is only a first guess. */
async function readAll(file: FileHandle, stats: Stats): Promise<Uint8Array> {
  if (stats.size > FILE_READ_BYTES) throw tooLarge();
  let bytes = Buffer.allocUnsafeSlow(Math.max(stats.size + 1, 4096));
  let used = 0;
  for (;;) {
    const { bytesRead } = await file.read(bytes, used, bytes.length - used, null);
    used += bytesRead;
    if (bytesRead === 0) return bytes.subarray(0, used);
    if (used > FILE_READ_BYTES) throw tooLarge();
    if (used === bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(2 * used, FILE_READ_BYTES + 1));
      larger.set(bytes);
      bytes = larger;
    }
  }
}

function tooLarge(): Error {
  return invalidRequest(`file is too large to read: limit is ${FILE_READ_BYTES} bytes`);
}
