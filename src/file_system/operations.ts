/** What the operations on files take and give, here and elsewhere. Paths are absolute paths of their machine. */

/** How a path is gone. */
export interface LinkOptions {
  /** False refuses a link anywhere in the path; true by default. */
  readonly followSymlinks?: boolean | undefined;
}

/** How a file is written. */
export interface WriteFileOptions extends LinkOptions {
  /** Its permissions afterwards, such as 0o600; those that it has, or what the umask leaves, by default. */
  readonly mode?: number | null | undefined;
}

/** How a directory is made. */
export interface CreateDirectoryOptions extends LinkOptions {
  /** Make missing parents, and take a directory that exists for made; true by default. */
  readonly recursive?: boolean | undefined;
}

/** How something is removed. */
export interface RemoveOptions extends LinkOptions {
  /** Remove what a directory holds, too; in the library false by default. Must be false to refuse links. */
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
  /** Names looked at, dangling links not counted; 50 000, the most there can be, by default. */
  readonly maxEntries?: number | undefined;
  /** List links to directories and enter them, each directory once; false by default. */
  readonly followDirectorySymlinks?: boolean | undefined;
  /** List directories whose name starts with a dot, but do not enter them; false by default. */
  readonly pruneHiddenDirectories?: boolean | undefined;
}

/** What a walk found, breadth first and in each directory by name. */
export interface WalkResult {
  readonly entries: readonly WalkEntry[];
  /** Directories that could not be read, and names that are not UTF-8. */
  readonly errors: readonly WalkError[];
  /** Whether a limit cut something off. */
  readonly truncated: boolean;
}

/** One name that a walk found. */
export interface WalkEntry {
  readonly path: string;
  readonly kind: "file" | "directory";
}

/** What a walk could not look at, and why. */
export interface WalkError {
  readonly path: string;
  readonly message: string;
}

/** How a path is watched. */
export interface WatchOptions {
  /** Watch what is below the directories in it, too; false by default. */
  readonly recursive?: boolean | undefined;
}

/** Something that happened. What happens to a directory stands for all that is in it. */
export type FileChange =
  | { readonly kind: "create" | "modify" | "remove"; readonly path: string }
  | { readonly kind: "rename"; readonly from: string; readonly path: string }
  /** More happened below the path than is told: look again. */
  | { readonly kind: "overflow"; readonly path: string };

/** What a file is opened for: to read, or to write what replaces it. */
export type FileMode = "read" | "replace";

/** A part of a file. */
export interface FileBlock {
  readonly bytes: Uint8Array;
  /** Whether fewer bytes were there than were asked for. */
  readonly eof: boolean;
}

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
  /** Milliseconds since 1970; negative before. */
  readonly modifiedAtMs: number;
  /** Its permissions, the lower twelve bits; absent where they were not asked for, or are not told. */
  readonly mode?: number | undefined;
}

/** One entry of a directory, links followed. Devices, FIFOs and sockets are neither. */
export interface DirectoryEntry {
  /** Bytes that are not UTF-8 are replaced by U+FFFD. */
  readonly name: string;
  readonly isDirectory: boolean;
  readonly isFile: boolean;
}
