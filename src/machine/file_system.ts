/**
 * Files, wherever they are. Paths are absolute paths of their machine; a `file:` URI is taken for one too, and is the
 * way to names that are not text. Every call fails with an `RpcError`, whose code tells: -32004 does not exist, -32600
 * refused or without permission, -32602 no such path can be, -32603 any other failure.
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
   * @throws {RpcError} -32601 on a server that cannot
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

/** How a path is gone. */
export interface LinkOptions {
  /** False refuses a link anywhere in the path; true by default. */
  readonly followSymlinks?: boolean | undefined;
}

/** How a directory is made. */
export interface CreateDirectoryOptions extends LinkOptions {
  /** Make missing parents, and take a directory that exists for made; true by default. */
  readonly recursive?: boolean | undefined;
}

/** How something is removed. */
export interface RemoveOptions extends LinkOptions {
  /** Remove what a directory holds, too; true by default. Must be false to refuse links. */
  readonly recursive?: boolean | undefined;
  /** Take a path that does not exist for removed; true by default. */
  readonly force?: boolean | undefined;
}

/** How something is copied. */
export interface CopyOptions {
  /** Needed for a directory; false by default. */
  readonly recursive?: boolean | undefined;
}

/** How far a walk goes. */
export interface WalkOptions {
  /** Levels below the directory's own entries; 64, the most there can be, by default. */
  readonly maxDepth?: number | undefined;
  /** Directories entered; 10 000, the most there can be, by default. */
  readonly maxDirectories?: number | undefined;
  /** Names looked at; 50 000, the most there can be, by default. */
  readonly maxEntries?: number | undefined;
  /** List links to directories and enter them, each directory once; false by default. */
  readonly followDirectorySymlinks?: boolean | undefined;
  /** List directories whose name starts with a dot, but do not enter them; false by default. */
  readonly pruneHiddenDirectories?: boolean | undefined;
}

/** How a path is watched. */
export interface WatchOptions {
  /** Watch what is below the directories in it, too; false by default. */
  readonly recursive?: boolean | undefined;
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

/** What a file is opened for. */
export type FileMode = "read" | "replace";

/** What is known of a path. A device, FIFO or socket is neither file nor directory, and has the size 0. */
export interface FileMetadata {
  readonly isDirectory: boolean;
  readonly isFile: boolean;
  /** Whether the path's last name is a link; everything else is told of what it leads to. */
  readonly isSymlink: boolean;
  /** In bytes. */
  readonly size: number;
  /** Milliseconds since 1970; 0 where the system does not know. */
  readonly createdAtMs: number;
  /** Milliseconds since 1970. */
  readonly modifiedAtMs: number;
}

/** One entry of a directory, links followed. */
export interface DirectoryEntry {
  /** Bytes that are not UTF-8 are replaced by U+FFFD. */
  readonly name: string;
  readonly isDirectory: boolean;
  readonly isFile: boolean;
}

/** What a walk found. */
export interface WalkResult {
  readonly entries: readonly { readonly path: string; readonly kind: "file" | "directory" }[];
  /** Directories that could not be read, and names that are not UTF-8. */
  readonly errors: readonly { readonly path: string; readonly message: string }[];
  /** Whether a limit cut something off. */
  readonly truncated: boolean;
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

/** A part of a file. */
export interface FileBlock {
  readonly bytes: Uint8Array;
  /** Whether fewer bytes were there than were asked for. */
  readonly eof: boolean;
}

/** Something that happened. What happens to a directory stands for all that is in it. */
export type FileChange =
  | { readonly kind: "create" | "modify" | "remove"; readonly path: string }
  | { readonly kind: "rename"; readonly from: string; readonly path: string }
  /** More happened below the path than is told: look again. */
  | { readonly kind: "overflow"; readonly path: string };

/**
 * What happens, as an async iterator for one reader that ends when the directory that is watched is gone, or the one that a
 * watched file is in. Leaving a `for await` loop
 * ends the watch, and so does `using`.
 */
export interface FileWatcher extends AsyncIterableIterator<FileChange, undefined>, Disposable {
  return(): Promise<IteratorResult<FileChange, undefined>>;
}
