import { Buffer } from "node:buffer";
import { constants } from "node:fs";
import { ARCHIVE_FILE_BYTES, ARCHIVE_FILES_AHEAD, ARCHIVE_PIECE_BYTES } from "../../limits.ts";
import { refused } from "../../native/operation_error.ts";
import { osErrorCode } from "../../native/os_errors.ts";
import type { Disk } from "../disk.ts";
import type { DiskFile } from "../disk_file.ts";
import { kindOf } from "../entry.ts";
import { notAFile } from "../failures.ts";
import { excluder } from "../glob.ts";
import { join } from "../paths.ts";
import { O_NOCTTY } from "../platform.ts";
import { type ArchiveEntry, type HeldFile, isSameTime } from "./archive_entry.ts";
import { PART_SUFFIX, partName } from "./part_name.ts";
import { encodeHeader, endOfArchive, paddingOf } from "./tar_header.ts";

/** What an archive holds. */
export interface PackOptions {
  /**
   * Patterns of what is left out, and of directories with all that is in them: one without a slash is matched with a name,
   * any other with the whole path below the root.
   */
  readonly exclude?: readonly string[] | undefined;
  /** What the other end has: files of the same size and time are left out, and parts are gone on from. */
  readonly have?: readonly HeldFile[] | undefined;
  /** Tell what there is, and hold no bytes of it; false by default. */
  readonly listOnly?: boolean | undefined;
}

/** The head of an entry, and what follows it. */
interface Packed {
  readonly head: Uint8Array;
  readonly content?: Uint8Array | undefined;
  readonly padding?: Uint8Array | undefined;
  readonly file?: { readonly handle: DiskFile; readonly from: number; readonly size: number } | undefined;
}

/**
 * A file, a link or a directory as a tar archive, piece by piece. What is neither is left out, and so is what goes away
 * meanwhile. A link is kept as one, unless it is the root.
 *
 * @throws {Error} the operating system's, such as ENOENT for the root and EACCES for what may not be read
 */
export async function* pack(disk: Disk, root: string, options: PackOptions = {}): AsyncGenerator<Uint8Array> {
  const packer = new Packer(disk, root, options);
  const ahead: Promise<Packed | undefined>[] = [];
  let piece: Uint8Array[] = [];
  let bytes = 0;
  const next = async function* (): AsyncGenerator<Uint8Array> {
    const packed = await ahead.shift();
    if (!packed) return;
    for (const part of [packed.head, packed.content, packed.padding]) {
      if (!part) continue;
      piece.push(part);
      bytes += part.length;
    }
    if (packed.file) {
      await using _file = packed.file.handle;
      yield Buffer.concat(piece);
      [piece, bytes] = [[], 0];
      yield* contentOf(packed.file);
    } else if (bytes >= ARCHIVE_PIECE_BYTES) {
      yield Buffer.concat(piece);
      [piece, bytes] = [[], 0];
    }
  };
  try {
    for await (const { packed } of packer.entries()) {
      packed.catch(() => {});
      ahead.push(packed);
      if (ahead.length >= ARCHIVE_FILES_AHEAD) yield* next();
    }
    while (ahead.length > 0) yield* next();
    yield Buffer.concat([...piece, endOfArchive]);
  } finally {
    for (const packed of await Promise.allSettled(ahead)) {
      if (packed.status === "fulfilled") await packed.value?.file?.handle.close();
    }
  }
}

async function* contentOf({ handle, from, size }: NonNullable<Packed["file"]>): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < size;) {
    const bytes = new Uint8Array(Math.min(ARCHIVE_PIECE_BYTES, size - done));
    const read = await handle.read(bytes, 0, bytes.length, from + done);
    // What was told of it is on its way already.
    if (read === 0) throw refused("a file became shorter while it was sent: send it again");
    done += read;
    yield bytes.subarray(0, read);
  }
  if (paddingOf(size) > 0) yield new Uint8Array(paddingOf(size));
}

class Packer {
  readonly #disk: Disk;
  readonly #root: string;
  readonly #listOnly: boolean;
  readonly #isExcluded: (path: string) => boolean;
  readonly #have: ReadonlyMap<string, HeldFile>;

  constructor(disk: Disk, root: string, { exclude = [], have = [], listOnly = false }: PackOptions) {
    this.#disk = disk;
    this.#root = root;
    this.#listOnly = listOnly;
    this.#isExcluded = excluder(exclude);
    this.#have = new Map(have.map((file) => [file.path, file]));
  }

  /** Each is on its way when it is told; those of one directory before those in directories below. */
  async *entries(): AsyncGenerator<{ readonly packed: Promise<Packed | undefined> }> {
    const stats = await this.#disk.stat(this.#root);
    if (!stats.isDirectory()) {
      if (!stats.isFile()) throw notAFile(this.#root);
      yield { packed: this.#packFile("", this.#root, constants.O_RDONLY) };
      return;
    }
    yield {
      packed: Promise.resolve(this.#head({ ...statusOf(stats), path: "", kind: "directory", size: 0 })),
    };
    const left = [""];
    for (let directory = left.pop(); directory !== undefined; directory = left.pop()) {
      // Right before what is in it, as other programs need it to set its time at last.
      yield { packed: this.#packDirectory(directory, join(this.#root, directory)) };
      for await (const entries of this.#disk.list(join(this.#root, directory))) {
        for (const { name, kind } of entries) {
          const path = directory === "" ? name : `${directory}/${name}`;
          if (this.#isExcluded(path) || (name.endsWith(PART_SUFFIX) && !this.#listOnly)) continue;
          const native = join(this.#root, path);
          const known = kind === "unknown" ? kindOf(await this.#disk.lstat(native)) : kind;
          if (known === "directory") {
            left.push(path);
          } else if (known === "link") yield { packed: this.#packLink(path, native) };
          else if (known === "file") {
            yield { packed: this.#packFile(path, native, constants.O_RDONLY | constants.O_NOFOLLOW) };
          }
        }
      }
    }
  }

  #packDirectory(path: string, native: string): Promise<Packed | undefined> {
    return unlessGone(async () => {
      const stats = await (path === "" ? this.#disk.stat(native) : this.#disk.lstat(native));
      return this.#head({ ...statusOf(stats), path, kind: "directory", size: 0 });
    });
  }

  #packLink(path: string, native: string): Promise<Packed | undefined> {
    return unlessGone(async () => {
      const stats = await this.#disk.lstat(native);
      const target = await this.#disk.readlink(native);
      return this.#head({ ...statusOf(stats), path, kind: "link", size: 0, target });
    });
  }

  #packFile(path: string, native: string, flags: number): Promise<Packed | undefined> {
    return unlessGone(async () => {
      if (this.#listOnly) {
        const stats = await this.#disk.stat(native);
        return this.#head({ ...statusOf(stats), path, kind: "file", size: 0, wholeSize: stats.size });
      }
      const known = await (path === "" ? this.#disk.stat(native) : this.#disk.lstat(native));
      const held = this.#have.get(path);
      if (held?.size === known.size && isSameTime(held.modifiedAtMs, known.mtimeMs)) return undefined;
      if (known.isFile() && known.size <= ARCHIVE_FILE_BYTES) {
        // What it has become since it was looked at counts: the header tells of as many bytes as follow.
        const bytes = await this.#disk.readWhole(native);
        if (bytes.length <= 2 * ARCHIVE_FILE_BYTES) {
          return this.#whole({ ...statusOf(known), path, kind: "file", size: bytes.length }, bytes);
        }
      }
      const handle = await this.#disk.open(native, flags | waitless);
      try {
        const stats = await handle.stat();
        if (!stats.isFile()) return void await handle.close();
        return this.#open(path, handle, { ...statusOf(stats), path, kind: "file", size: stats.size });
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
  }

  #open(path: string, handle: DiskFile, entry: ArchiveEntry): Packed {
    const { size, modifiedAtMs } = entry;
    const from = this.#partOf(path, size, modifiedAtMs);
    const rest = { ...entry, size: size - from, ...from > 0 && { offset: from, wholeSize: size } };
    return { head: encodeHeader(rest), file: { handle, from, size: size - from } };
  }

  #whole(entry: ArchiveEntry, bytes: Uint8Array): Packed {
    return { head: encodeHeader(entry), content: bytes, padding: new Uint8Array(paddingOf(bytes.length)) };
  }

  /** How many bytes of this version of a file the other end has. */
  #partOf(path: string, size: number, modifiedAtMs: number): number {
    const at = path.lastIndexOf("/") + 1;
    const part = this.#have.get(path.slice(0, at) + partName(path.slice(at), size, modifiedAtMs));
    return part && part.size < size ? part.size : 0;
  }

  #head(entry: ArchiveEntry): Packed {
    return { head: encodeHeader(entry) };
  }
}

const waitless = (constants.O_NONBLOCK ?? 0) | O_NOCTTY;

function statusOf({ mode, mtimeMs }: { readonly mode: number; readonly mtimeMs: number }) {
  return { mode: mode & 0o7777, modifiedAtMs: Math.floor(mtimeMs) };
}

/** What goes away while its directory is read was not there. */
async function unlessGone(packed: () => Promise<Packed | undefined>): Promise<Packed | undefined> {
  try {
    return await packed();
  } catch (error) {
    if (osErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
