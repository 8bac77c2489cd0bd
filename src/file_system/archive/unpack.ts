import { constants } from "node:fs";
import process from "node:process";
import { ARCHIVE_FILE_BYTES, ARCHIVE_FILES_AHEAD, ARCHIVE_PIECE_BYTES } from "../../limits.ts";
import { refused } from "../../native/operation_error.ts";
import { osErrorCode } from "../../native/os_errors.ts";
import { makeWithParents } from "../create_directory.ts";
import { type Disk, ignore } from "../disk.ts";
import type { DiskFile } from "../disk_file.ts";
import { join, parentOf } from "../paths.ts";
import { O_NOCTTY } from "../platform.ts";
import { writeAll } from "../write_file.ts";
import { type ArchiveEntry, wholeSizeOf } from "./archive_entry.ts";
import { ByteQueue } from "./byte_queue.ts";
import { partName } from "./part_name.ts";
import { decodeHeader, paddingOf } from "./tar_header.ts";

/** How an archive is unpacked. */
export interface UnpackOptions {
  /** Told of each entry when its bytes begin, and of how many bytes of it have come. */
  readonly onEntry?: ((entry: ArchiveEntry) => void) | undefined;
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * Writes what an archive holds: the root under the name that is given, which is merged into a directory that is there. A
 * file replaces a file, and is complete or not there under its name; modes, times and links are as the archive has them.
 * Nothing is written through a link, neither one of the archive's nor one that was there: whoever made it does not choose
 * where it goes.
 *
 * @throws {OperationError} INVALID for what is no archive, REFUSED for a way through a link
 * @throws {Error} the operating system's. What was written before the failure stays.
 */
export async function unpack(
  disk: Disk,
  root: string,
  pieces: AsyncIterable<Uint8Array>,
  options: UnpackOptions = {},
): Promise<void> {
  const queue = new ByteQueue(pieces);
  const unpacker = new Unpacker(disk, root, queue, options);
  try {
    for (let entry = await decodeHeader(queue); entry; entry = await decodeHeader(queue)) {
      await unpacker.take(entry);
    }
    await unpacker.finish();
  } catch (error) {
    await unpacker.settle();
    throw error;
  } finally {
    await queue.end();
  }
}

class Unpacker {
  readonly #disk: Disk;
  readonly #root: string;
  readonly #queue: ByteQueue;
  readonly #options: UnpackOptions;
  /** Directories below the root that are known to be none but directories. */
  readonly #known = new Set<string>();
  readonly #writing = new Set<Promise<void>>();
  readonly #umask = process.umask();
  #failure: { readonly error: unknown } | undefined;
  /** What is made at last: links, through which nothing shall go, and what a directory would forbid or forget before. */
  readonly #links: ArchiveEntry[] = [];
  readonly #directories: ArchiveEntry[] = [];

  constructor(disk: Disk, root: string, queue: ByteQueue, options: UnpackOptions) {
    this.#disk = disk;
    this.#root = root;
    this.#queue = queue;
    this.#options = options;
  }

  async take(entry: ArchiveEntry): Promise<void> {
    this.#options.onEntry?.(entry);
    if (entry.kind === "link") return void this.#links.push(entry);
    if (entry.kind === "directory") {
      this.#directories.push(entry);
      return await this.#makeDirectory(entry.path);
    }
    await this.#makeDirectory(entry.path === "" ? undefined : directoryOf(entry.path));
    const { size } = entry;
    if (wholeSizeOf(entry) > ARCHIVE_FILE_BYTES) await this.#writeLarge(entry);
    else {
      const bytes = (await this.#queue.take(size + paddingOf(size))).subarray(0, size);
      this.#options.onBytes?.(size);
      await this.#begin(() => this.#writeSmall(entry, bytes));
    }
  }

  async finish(): Promise<void> {
    await this.settle();
    if (this.#failure) throw this.#failure.error;
    for (const link of this.#links) await this.#makeLink(link);
    // The deepest first: what is done in a directory changes its time, and its mode may forbid it.
    for (const { path, mode, modifiedAtMs } of this.#directories.reverse()) {
      const native = this.#native(path);
      await this.#disk.setTimes(native, modifiedAtMs);
      await this.#disk.chmod(native, mode);
    }
  }

  /** Waits for all that is being written. */
  async settle(): Promise<void> {
    await Promise.all(this.#writing);
  }

  async #begin(write: () => Promise<void>): Promise<void> {
    const writing = write().catch((error) => void (this.#failure ??= { error }));
    this.#writing.add(writing);
    writing.finally(() => this.#writing.delete(writing));
    if (this.#writing.size >= ARCHIVE_FILES_AHEAD) await Promise.race(this.#writing);
    if (this.#failure) throw this.#failure.error;
  }

  async #writeSmall(entry: ArchiveEntry, bytes: Uint8Array): Promise<void> {
    const native = this.#native(entry.path);
    const { mode, modifiedAtMs } = entry;
    try {
      await this.#disk.createWhole(native, bytes, mode | 0o200);
    } catch (error) {
      if (osErrorCode(error) !== "EEXIST") throw error;
      await using file = await this.#openFresh(native, mode);
      await writeAll(file, bytes, null);
      return await this.#finishFile(file, entry);
    }
    await this.#disk.setTimes(native, modifiedAtMs);
    if (!this.#isGiven(mode)) await this.#disk.chmod(native, mode);
  }

  /** Whether what is made with a mode has just that. */
  #isGiven(mode: number): boolean {
    return (mode & 0o200) !== 0 && (mode & ~0o777) === 0 && (mode & this.#umask) === 0;
  }

  /** Its bytes go to a file beside it, which takes its name once it is complete. */
  async #writeLarge(entry: ArchiveEntry): Promise<void> {
    const { size, offset = 0 } = entry;
    const native = this.#native(entry.path);
    const at = native.lastIndexOf("/") + 1;
    const part = native.slice(0, at) + partName(native.slice(at), wholeSizeOf(entry), entry.modifiedAtMs);
    {
      await using file = await this.#disk.open(
        part,
        writing | constants.O_CREAT | constants.O_NOFOLLOW,
        0o600,
      );
      const stats = await file.stat();
      if (!stats.isFile() || stats.size < offset) throw refused(`the part "${part}" is not what it was`);
      if (stats.size > offset) await file.truncate(offset);
      for (let done = 0; done < size;) {
        const bytes = await this.#queue.some(Math.min(size - done, ARCHIVE_PIECE_BYTES));
        await writeAll(file, bytes, offset + done);
        done += bytes.length;
        this.#options.onBytes?.(bytes.length);
      }
      await this.#finishFile(file, entry);
    }
    await this.#disk.rename(part, native);
    await this.#queue.take(paddingOf(size));
  }

  /** A new file, or one that is emptied; a link that has its name goes. */
  async #openFresh(native: string, mode: number): Promise<DiskFile> {
    const flags = writing | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
    try {
      return await this.#disk.open(native, flags, mode | 0o200);
    } catch (error) {
      const code = osErrorCode(error);
      // A link, or a file that its owner has forbidden himself to write.
      if (code !== "ELOOP" && code !== "EACCES" && code !== "EMLINK") throw error;
      await this.#disk.unlink(native).catch(() => Promise.reject(error));
      return await this.#disk.open(native, flags, mode | 0o200);
    }
  }

  async #finishFile(file: DiskFile, { mode, modifiedAtMs }: ArchiveEntry): Promise<void> {
    const stats = await file.stat();
    if (!stats.isFile()) throw refused("an archive's file would go into what is no regular file");
    if ((stats.mode & 0o7777) !== mode) await file.setMode(mode);
    await file.setTimes(modifiedAtMs);
  }

  async #makeLink({ path, target }: ArchiveEntry): Promise<void> {
    await this.#makeDirectory(directoryOf(path));
    const native = this.#native(path);
    const made = () => this.#disk.symlink(target!, native);
    await made().catch(async (error) => {
      if (osErrorCode(error) !== "EEXIST") throw error;
      await this.#disk.unlink(native);
      await made();
    });
  }

  /** Makes a directory and those above it, and sees that none of them below the root is a link. */
  async #makeDirectory(path: string | undefined): Promise<void> {
    if (path === undefined) {
      const parent = parentOf(this.#root);
      if (parent !== undefined && !this.#known.has("..")) await makeWithParents(this.#disk, parent);
      this.#known.add("..");
      return;
    }
    if (this.#known.has(path)) return;
    if (path === "") await makeWithParents(this.#disk, this.#root);
    else {
      await this.#makeDirectory(directoryOf(path));
      const native = this.#native(path);
      await this.#disk.mkdir(native).catch(ignore("EEXIST"));
      const stats = await this.#disk.lstat(native);
      if (!stats.isDirectory()) throw refused(`"${native}" is no directory, and is not written through`);
      // What its mode forbids its owner is forbidden once its entries are there.
      if ((stats.mode & 0o700) !== 0o700) await this.#disk.chmod(native, stats.mode & 0o7777 | 0o700);
    }
    this.#known.add(path);
  }

  #native(path: string): string {
    return path === "" ? this.#root : join(this.#root, path);
  }
}

const writing = constants.O_WRONLY | (constants.O_NONBLOCK ?? 0) | O_NOCTTY;

function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
