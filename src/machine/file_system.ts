import type {
  CopyOptions,
  CreateDirectoryOptions,
  DirectoryEntry,
  FileBlock,
  FileChange,
  FileMetadata,
  FileMode,
  LinkOptions,
  RemoveOptions,
  WalkOptions,
  WalkResult,
  WatchOptions,
  WriteFileOptions,
} from "../file_system/operations.ts";
import type { HeldFile } from "../file_system/archive/archive_entry.ts";

export type * from "../file_system/operations.ts";
export type { HeldFile };

/**
 * Files, wherever they are. Paths are absolute paths of their machine; a `file:` URI is taken for one too, and is the
 * way to names that are not text. Every call fails with a `ServerError`: a `NotFoundError`, a `PermissionError`, or one
 * whose `code` tells, such as EEXIST; EINVAL where no such path can be.
 */
export interface FileSystem {
  /** The bytes of a regular file, at most 512 MiB; a larger one, or one of a slow network, is read as a stream. */
  readFile(path: string, options?: LinkOptions): Promise<Uint8Array>;

  /**
   * Replaces what a file holds, or makes the file, with the bytes or the text as UTF-8. Parents are not made, and a
   * reader may see a part.
   */
  writeFile(path: string, data: Uint8Array | string, options?: WriteOptions): Promise<void>;

  /** What a file holds, as text. */
  readText(path: string, options?: LinkOptions): Promise<string>;

  /** Replaces what a file holds with a text, or makes the file, and the directories above it. */
  writeText(path: string, text: string, options?: WriteTextOptions): Promise<void>;

  /** Whether there is anything, a link's target for a link. */
  exists(path: string): Promise<boolean>;

  /**
   * The files and directories whose whole paths match a pattern, by name: `*` and `?` stay within a name, `**` goes over
   * many, `[a-z]` is one character of some, `{a,b}` either. Links are not among them.
   *
   * @throws {ServerError} EREFUSED where more is below the pattern's beginning than one walk tells
   */
  glob(pattern: string, options?: GlobOptions): Promise<string[]>;

  /**
   * Gives another name to a file, a link or a directory; a file that has it goes.
   *
   * @throws {ServerError} ENOTSUP on a server that cannot
   */
  rename(from: string, to: string): Promise<void>;

  /**
   * Changes the permissions of what a path leads to.
   *
   * @throws {ServerError} ENOTSUP on a server that cannot
   */
  chmod(path: string, mode: number): Promise<void>;

  /**
   * Copies a file or a directory of this machine there, with modes, times and symbolic links, as one stream: of a directory
   * all that is in it, merged into one that has the name. A file is complete or not there under its name. When the connection
   * is lost and comes back, it goes on. A server that takes no archives is given one file after the other, without all that.
   *
   * @throws {NotFoundError} where there is nothing to copy
   */
  upload(local: string, remote: string, options?: TransferOptions): Promise<void>;

  /** The same from there to this machine. */
  download(remote: string, local: string, options?: TransferOptions): Promise<void>;

  /** A file or a directory with all that is in it as a tar archive (pax), as it is read. */
  pack(path: string, options?: PackOptions): ReadableStream<Uint8Array>;

  /** Unpacks a tar archive of files, directories and symbolic links. Nothing in it goes elsewhere than below the path. */
  unpack(path: string, archive: AsyncIterable<Uint8Array>): Promise<void>;

  /**
   * Opens a regular file: to read, or to replace what it holds, which makes or empties it at once. At most 128 files are
   * open at a time.
   */
  open(path: string, mode?: FileMode): Promise<OpenFile>;

  /** The bytes of a regular file of any size, read as they are asked for. */
  readStream(path: string): ReadableStream<Uint8Array>;

  /** Replaces what a file holds with what is written, of any size. The file is made or emptied at the first write. */
  writeStream(path: string): WritableStream<Uint8Array>;

  /** Makes a directory, with its missing parents unless `recursive` is false. */
  createDirectory(path: string, options?: CreateDirectoryOptions): Promise<void>;

  /** What a path leads to. */
  stat(path: string, options?: LinkOptions): Promise<FileMetadata>;

  /** The same. */
  metadata(path: string, options?: LinkOptions): Promise<FileMetadata>;

  /** The path without links and dot segments. */
  canonicalize(path: string): Promise<string>;

  /** The entries of a directory, in no order. Links that lead nowhere are left out. */
  readDirectory(path: string): Promise<DirectoryEntry[]>;

  /** What is below a directory, breadth first and in each directory by name. */
  walk(path: string, options?: WalkOptions): Promise<WalkResult>;

  /**
   * Removes a file, a link (never what it leads to) or an empty directory; with `recursive`, a directory with all it holds.
   * What is not there counts as removed, unless `force` is false.
   */
  remove(path: string, options?: RemoveOptions): Promise<void>;

  /** Copies a file, a link (as a link) or, with `recursive`, a directory, on that machine. */
  copy(source: string, destination: string, options?: CopyOptions): Promise<void>;

  /**
   * Tells what happens to a file, or in a directory, from now on. At most 64 watches are open at a time.
   *
   * @throws {ServerError} ENOTSUP on a server that cannot
   */
  watch(path: string, options?: WatchOptions): Promise<FileWatcher>;

  /**
   * Waits for paths that do not exist, at most 64. Undefined where there is nothing to wait for, because one of them
   * exists, or no way to. There is one such watch at a time: another one ends it.
   */
  watchMissing(
    paths: readonly string[],
    options?: WatchMissingOptions,
  ): Promise<MissingPathsWatch | undefined>;
}

/** How a file is written. */
export type WriteOptions = WriteFileOptions;

/** How a text is written. */
export interface WriteTextOptions extends WriteOptions {
  /** Make the directories above it that are missing; true by default. */
  readonly parents?: boolean | undefined;
}

/** Where a pattern begins. */
export interface GlobOptions {
  /** The directory that a pattern is relative to; an absolute path. Without it the pattern is absolute itself. */
  readonly cwd?: string | undefined;
}

/** What an archive holds. */
export interface PackOptions {
  /** As for {@linkcode TransferOptions}. */
  readonly exclude?: readonly string[] | undefined;
  /** What the other end has already: files of the same size and time are left out, and parts are gone on from. */
  readonly have?: readonly HeldFile[] | undefined;
  /** Tell what there is, and hold no bytes of it; false by default. */
  readonly listOnly?: boolean | undefined;
}

/** How a file or a directory is copied from machine to machine. */
export interface TransferOptions {
  /**
   * Patterns of what is left out, with all that is in it: one without a slash is matched with a name (`node_modules`,
   * `*.log`), any other with the whole path below what is copied (`build/**`).
   */
  readonly exclude?: readonly string[] | undefined;
  /** Leave out files of the same size and time, and go on with one that was broken off; false by default. */
  readonly resume?: boolean | undefined;
  /** Told now and then how far it is. What there is is counted before, once. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  /** Told where a machine takes no archives, so that each file goes for itself, without modes, times and links. */
  readonly onFileByFile?: (() => void) | undefined;
  /** Breaks it off. What was copied stays. */
  readonly signal?: AbortSignal | undefined;
}

/** How far a transfer is. */
export interface TransferProgress {
  /** The file that is under way, below what is copied. */
  readonly path: string;
  /** Files that have begun, and bytes of them that have gone by. What is left out is in the totals only. */
  readonly files: number;
  readonly bytes: number;
  readonly totalFiles: number;
  readonly totalBytes: number;
}

/** What else is waited for. */
export interface WatchMissingOptions {
  /** A path that exists, and whose changes count, too. */
  readonly present?: string | undefined;
}

/** A wait for paths that do not exist. `using` ends it at the end of the block. */
export interface MissingPathsWatch extends Disposable {
  /**
   * Resolves, once, when it is time to look again: one of the paths may have come into being, or the wait is over for
   * another reason.
   */
  readonly changed: Promise<void>;
}

/** A file that is open. `await using` closes it at the end of the block. */
export interface OpenFile extends AsyncDisposable {
  /**
   * Reads from an offset.
   *
   * @param length bytes, 1 to 1 MiB; 1 MiB by default
   */
  read(offset: number, length?: number): Promise<FileBlock>;

  /** Writes all of the bytes at an offset; what lies between the file's end and there becomes a hole. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
}

/**
 * What happens, as an async iterator for one reader that ends when the directory that is watched is gone, or the one that a
 * watched file is in. Leaving a `for await` loop
 * ends the watch, and so does `using`.
 */
export interface FileWatcher extends AsyncIterableIterator<FileChange, undefined>, Disposable {
  return(): Promise<IteratorResult<FileChange, undefined>>;
}
