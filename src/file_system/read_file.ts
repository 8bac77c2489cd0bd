import { Buffer } from "node:buffer";
import { constants, type Stats } from "node:fs";
import { FILE_READ_BYTES } from "../limits.ts";
import { refused } from "../native/operation_error.ts";
import type { Disk } from "./disk.ts";
import type { DiskFile } from "./disk_file.ts";
import { notAFile } from "./failures.ts";
import type { LinkOptions } from "./operations.ts";
import { O_NOCTTY } from "./platform.ts";
import { goWithoutLinks } from "./without_links.ts";

/** How a file is read. */
export interface ReadFileOptions extends LinkOptions {
  /** Bytes that the reader can take in one piece; {@linkcode FILE_READ_BYTES} by default, and at the most. */
  maxBytes?: number;
  /** Resolves when there is room for so many bytes; called before they are read. Whatever it throws is the failure. */
  room?: (bytes: number) => Promise<void>;
}

/**
 * The bytes of a regular file. Files of `/proc`, which have no size, are read too.
 *
 * @throws {OperationError} REFUSED for what is no file or is too large
 * @throws {Error} the operating system's, such as ENOENT
 */
export async function readFile(disk: Disk, path: string, options: ReadFileOptions = {}): Promise<Uint8Array> {
  const limit = Math.min(options.maxBytes ?? FILE_READ_BYTES, FILE_READ_BYTES);
  if (options.followSymlinks === false) {
    await using place = await goWithoutLinks(disk, path);
    await using file = await disk.open(place.path, openFlags | constants.O_NOFOLLOW);
    const stats = await file.stat();
    if (!stats.isFile()) throw refused("path is not a regular file");
    return await readAll(file, stats, limit, options.room);
  }
  await using file = await openRegular(disk, path);
  return await readAll(file.handle, file.stats, limit, options.room);
}

/** A regular file that is open for reading. */
export interface RegularFile extends AsyncDisposable {
  readonly handle: DiskFile;
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
async function readAll(
  file: DiskFile,
  stats: Stats,
  limit: number,
  room: ReadFileOptions["room"],
): Promise<Uint8Array> {
  if (stats.size > limit) throw tooLarge(limit);
  await room?.(stats.size);
  let bytes = Buffer.allocUnsafeSlow(Math.max(stats.size + 1, 4096));
  let used = 0;
  for (;;) {
    const bytesRead = await file.read(bytes, used, bytes.length - used, null);
    used += bytesRead;
    if (bytesRead === 0) return bytes.subarray(0, used);
    if (used > limit) throw tooLarge(limit);
    if (used === bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(2 * used, limit + 1));
      larger.set(bytes);
      bytes = larger;
    }
  }
}

function tooLarge(limit: number): Error {
  const advice = limit < FILE_READ_BYTES ? "; read it in parts with fs/open and fs/readBlock" : "";
  return refused(`file is too large to read: limit is ${limit} bytes${advice}`);
}
