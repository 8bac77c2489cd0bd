import { Buffer } from "node:buffer";
import { FILE_BLOCK_BYTES, FILE_HANDLE_ID_BYTES, FILE_HANDLES } from "../limits.ts";
import { internalError, invalidRequest, notFound } from "../protocol/errors.ts";
import { osErrorText } from "../protocol/os_errors.ts";
import type { Disk } from "./disk.ts";
import type { DiskFile } from "./disk_file.ts";
import { answering, notAFile } from "./failures.ts";
import { openRegular } from "./read_file.ts";
import { openForReplacing, writeAll } from "./write_file.ts";

/** What a stream is opened for: reading, or writing what replaces the file. */
export type OpenMode = "read" | "replace";

/** A block of a file. */
export interface Block {
  chunk: Uint8Array;
  /** Whether fewer bytes were there than were asked for. */
  eof: boolean;
}

interface OpenFile {
  /** Settles when the last call on the file has ended; calls on one file follow each other. */
  last: Promise<unknown>;
  handle: Promise<DiskFile>;
}

/** The file streams of one connection. */
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
   * @throws {RpcError} -32600 for a name that is in use or too long, too many streams, what is no regular file and
   *   without permission; -32004 when the path does not exist; -32603 for any other failure
   */
  async open(handleId: string, path: string, mode: OpenMode = "read"): Promise<{ handleId: string }> {
    checkId(handleId);
    if (this.#files.has(handleId)) throw invalidRequest(`file handle \`${handleId}\` already exists`);
    if (this.#files.size >= FILE_HANDLES || this.#disposed) {
      throw invalidRequest(`at most ${FILE_HANDLES} file handles may be open per connection`);
    }
    const handle = answering(() =>
      mode === "read" ? openToRead(this.#disk, path) : openToReplace(this.#disk, path)
    );
    this.#files.set(handleId, { handle, last: handle });
    try {
      await handle;
    } catch (error) {
      this.#files.delete(handleId);
      throw error;
    }
    return { handleId };
  }

  /**
   * Reads up to `len` bytes from `offset`. A failure of the operating system closes the stream.
   *
   * @throws {RpcError} -32600 for a length out of range, -32004 for an unknown stream, -32603 for one that is not open
   *   for reading
   */
  async readBlock(handleId: string, offset: number, len: number): Promise<Block> {
    checkId(handleId);
    checkLength("read", len);
    const file = this.#find(handleId);
    try {
      return await inTurn(file, (handle) => readAt(handle, offset, len));
    } catch (error) {
      await this.#close(handleId, file);
      throw error;
    }
  }

  /**
   * Writes all of the bytes at `offset`; what lies between the end and there becomes a hole.
   *
   * @throws {RpcError} -32600 for a length or range out of bounds, -32004 for an unknown stream, -32603 for one that is
   *   not open for writing and for any other failure
   */
  async writeBlock(handleId: string, offset: number, chunk: Uint8Array): Promise<void> {
    checkId(handleId);
    checkLength("write", chunk.length);
    if (offset + chunk.length >= 2 ** 63) {
      throw invalidRequest("file write range exceeds the signed 64-bit file offset limit");
    }
    await inTurn(this.#find(handleId), (handle) => writeAt(handle, offset, chunk));
  }

  /**
   * Closes a stream, or does nothing for an unknown one.
   *
   * @throws {RpcError} -32600 for a name that is too long
   */
  async close(handleId: string): Promise<void> {
    checkId(handleId);
    const file = this.#files.get(handleId);
    if (file) await this.#close(handleId, file);
  }

  /** Closes all streams, after the calls on them have ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await Promise.all([...this.#files].map(([id, file]) => this.#close(id, file)));
  }

  #find(handleId: string): OpenFile {
    const file = this.#files.get(handleId);
    if (!file) throw notFound(`unknown file handle \`${handleId}\``);
    return file;
  }

  async #close(handleId: string, file: OpenFile): Promise<void> {
    if (this.#files.get(handleId) === file) this.#files.delete(handleId);
    // A descriptor must not be closed under a call: its number may be another file's by then.
    await file.last.catch(() => {});
    await (await file.handle.catch(() => undefined))?.close().catch(() => {});
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

function inTurn<Result>(file: OpenFile, call: (handle: DiskFile) => Promise<Result>): Promise<Result> {
  const result = file.last.catch(() => {}).then(() => answering(async () => call(await file.handle)));
  file.last = result;
  return result;
}

async function readAt(handle: DiskFile, offset: number, len: number): Promise<Block> {
  if (offset >= 2 ** 63) throw invalidRequest(osErrorText("EINVAL"));
  // No file system has a byte that far out; the calls below take exact numbers only.
  if (offset + len > Number.MAX_SAFE_INTEGER) return { chunk: new Uint8Array(), eof: true };
  const chunk = Buffer.allocUnsafeSlow(len);
  let used = 0;
  while (used < len) {
    const bytesRead = await handle.read(chunk, used, len - used, offset + used);
    if (bytesRead === 0) break;
    used += bytesRead;
  }
  return { chunk: chunk.subarray(0, used), eof: used < len };
}

async function writeAt(handle: DiskFile, offset: number, chunk: Uint8Array): Promise<void> {
  if (offset + chunk.length > Number.MAX_SAFE_INTEGER) throw internalError(osErrorText("EFBIG"));
  await writeAll(handle, chunk, offset);
}

function checkId(handleId: string): void {
  if (Buffer.byteLength(handleId) > FILE_HANDLE_ID_BYTES) {
    throw invalidRequest(`file handle ID must not exceed ${FILE_HANDLE_ID_BYTES} bytes`);
  }
}

function checkLength(verb: "read" | "write", length: number): void {
  if (length < 1 || length > FILE_BLOCK_BYTES) {
    throw invalidRequest(`file ${verb} block length must be between 1 and ${FILE_BLOCK_BYTES}`);
  }
}
