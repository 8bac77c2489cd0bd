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
} from "../file_system/operations.ts";

export type * from "../file_system/operations.ts";

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
  writeFile(path: string, data: Uint8Array | string, options?: LinkOptions): Promise<void>;

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
  metadata(path: string, options?: LinkOptions): Promise<FileMetadata>;

  /** The path without links and dot segments. */
  canonicalize(path: string): Promise<string>;

  /** The entries of a directory, in no order. Links that lead nowhere are left out. */
  readDirectory(path: string): Promise<DirectoryEntry[]>;

  /** What is below a directory, breadth first and in each directory by name. */
  walk(path: string, options?: WalkOptions): Promise<WalkResult>;

  /** Removes a file, a link (never what it leads to) or a directory with all it holds. */
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
