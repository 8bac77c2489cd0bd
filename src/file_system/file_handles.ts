import { Buffer } from "node:buffer";
import { FILE_BLOCK_BYTES, FILE_HANDLE_ID_BYTES, FILE_HANDLES } from "../limits.ts";
import { requireCount } from "../native/count.ts";
import { missing, refused } from "../native/operation_error.ts";
import type { Disk } from "./disk.ts";
import type { DiskFile } from "./disk_file.ts";
import { notAFile, systemError } from "./failures.ts";
import type { FileBlock, FileMode } from "./operations.ts";
import { openRegular } from "./read_file.ts";
import { openForReplacing, writeAll } from "./write_file.ts";

/** What is read or written block by block. Calls are made one after the other. */
export interface Blocks {
  read(offset: number, length: number): Promise<FileBlock>;
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /** Called before an end that its client asked for. @throws {Error} where it is not complete */
  finish?(): Promise<void>;
  close(): Promise<void>;
}

interface OpenFile {
  /** Settles when the last call on the file has ended; calls on one file follow each other. */
  last: Promise<unknown>;
  handle: Promise<Blocks>;
}

/** The file streams of one client, by its own names for them. */
export class FileHandles implements AsyncDisposable {
  readonly #disk: Disk;
  readonly #files = new Map<string, OpenFile>();
  #disposed = false;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /**
   * Opens a stream under the client's own name for it. For `"replace"` the file is made or emptied at once.
   *
   * @param disk the files that it is one of; all those of the machine by default
   * @throws {OperationError} REFUSED for a name that is in use or too long, too many streams, and what is no regular file
   * @throws {Error} the operating system's, such as ENOENT
   */
  async open(
    handleId: string,
    path: string,
    mode: FileMode = "read",
    disk: Disk = this.#disk,
  ): Promise<void> {
    await this.openBlocks(handleId, async () => {
      const open = mode === "read" ? openToRead : openToReplace;
      return new FileBlocks(await open(disk, path));
    });
  }

  /**
   * The same for whatever can be read or written so.
   *
   * @throws {OperationError} REFUSED for a name that is in use or too long, and too many streams
   */
  async openBlocks(handleId: string, open: () => Promise<Blocks>): Promise<void> {
    checkId(handleId);
    if (this.#files.has(handleId)) throw refused(`file handle \`${handleId}\` already exists`);
    if (this.#files.size >= FILE_HANDLES || this.#disposed) {
      throw refused(`at most ${FILE_HANDLES} file handles may be open per connection`);
    }
    const handle = open();
    this.#files.set(handleId, { handle, last: handle });
    try {
      await handle;
    } catch (error) {
      this.#files.delete(handleId);
      throw error;
    }
  }

  /**
   * Reads up to so many bytes from an offset. A failure of the operating system closes the stream.
   *
   * @throws {OperationError} INVALID for what is no number of bytes, REFUSED for a length out of range, MISSING for an unknown stream
   * @throws {Error} the operating system's: EBADF for one that is not open for reading
   */
  async readBlock(handleId: string, offset: number, length: number): Promise<FileBlock> {
    checkId(handleId);
    requireCount("offset", offset);
    checkLength("read", length);
    const file = this.#find(handleId);
    try {
      return await inTurn(file, (blocks) => blocks.read(offset, length));
    } catch (error) {
      await this.#close(handleId, file);
      throw error;
    }
  }

  /**
   * Writes all of the bytes at an offset; what lies between the end and there becomes a hole.
   *
   * @throws {OperationError} REFUSED for a length or range out of bounds, MISSING for an unknown stream
   * @throws {Error} the operating system's: EBADF for one that is not open for writing
   */
  async writeBlock(handleId: string, offset: number, bytes: Uint8Array): Promise<void> {
    checkId(handleId);
    requireCount("offset", offset);
    checkLength("write", bytes.length);
    if (offset + bytes.length >= 2 ** 63) {
      throw refused("file write range exceeds the signed 64-bit file offset limit");
    }
    await inTurn(this.#find(handleId), (blocks) => blocks.write(offset, bytes));
  }

  /**
   * Closes a stream, or does nothing for an unknown one.
   *
   * @throws {OperationError} REFUSED for a name that is too long
   */
  async close(handleId: string): Promise<void> {
    checkId(handleId);
    const file = this.#files.get(handleId);
    if (!file) return;
    try {
      await inTurn(file, async (blocks) => await blocks.finish?.());
    } finally {
      await this.#close(handleId, file);
    }
  }

  /** Closes all streams, after the calls on them have ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await Promise.all([...this.#files].map(([id, file]) => this.#close(id, file)));
  }

  #find(handleId: string): OpenFile {
    const file = this.#files.get(handleId);
    if (!file) throw missing(`unknown file handle \`${handleId}\``);
    return file;
  }

  async #close(handleId: string, file: OpenFile): Promise<void> {
    if (this.#files.get(handleId) === file) this.#files.delete(handleId);
    // A descriptor must not be closed under a call: its number may be another file's by then.
    await file.last.catch(() => {});
    await (await file.handle.catch(() => undefined))?.close().catch(() => {});
  }
}

/** A file of the disk. */
class FileBlocks implements Blocks {
  readonly #handle: DiskFile;

  constructor(handle: DiskFile) {
    this.#handle = handle;
  }

  read(offset: number, length: number): Promise<FileBlock> {
    return readAt(this.#handle, offset, length);
  }

  write(offset: number, bytes: Uint8Array): Promise<void> {
    return writeAt(this.#handle, offset, bytes);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

async function openToRead(disk: Disk, path: string): Promise<DiskFile> {
  return (await openRegular(disk, path)).handle;
}

async function openToReplace(disk: Disk, path: string): Promise<DiskFile> {
  const handle = await openForReplacing(disk, path);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw notAFile(path);
}

function inTurn<Result>(file: OpenFile, call: (blocks: Blocks) => Promise<Result>): Promise<Result> {
  const result = file.last.catch(() => {}).then(async () => call(await file.handle));
  file.last = result;
  return result;
}

async function readAt(handle: DiskFile, offset: number, length: number): Promise<FileBlock> {
  if (offset >= 2 ** 63) throw systemError("EINVAL");
  // No file system has a byte that far out; the calls below take exact numbers only.
  if (offset + length > Number.MAX_SAFE_INTEGER) return { bytes: new Uint8Array(), eof: true };
  const bytes = Buffer.allocUnsafeSlow(length);
  let used = 0;
  while (used < length) {
    const bytesRead = await handle.read(bytes, used, length - used, offset + used);
    if (bytesRead === 0) break;
    used += bytesRead;
  }
  return { bytes: bytes.subarray(0, used), eof: used < length };
}

async function writeAt(handle: DiskFile, offset: number, bytes: Uint8Array): Promise<void> {
  if (offset + bytes.length > Number.MAX_SAFE_INTEGER) throw systemError("EFBIG");
  await writeAll(handle, bytes, offset);
}

function checkId(handleId: string): void {
  if (Buffer.byteLength(handleId) > FILE_HANDLE_ID_BYTES) {
    throw refused(`file handle ID must not exceed ${FILE_HANDLE_ID_BYTES} bytes`);
  }
}

function checkLength(verb: "read" | "write", length: number): void {
  requireCount("length", length);
  if (length < 1 || length > FILE_BLOCK_BYTES) {
    throw refused(`file ${verb} block length must be between 1 and ${FILE_BLOCK_BYTES}`);
  }
}
