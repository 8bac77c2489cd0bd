import * as v from "valibot";
import { sandbox as sandboxSchema } from "./sandbox.ts";
import { base64, exactUnsigned, fileUri, optional, textOrBytes, unsigned } from "./values.ts";

/**
 * Schemas of the file-system family. Every `path` is a file URI, `{}` is the result of a method that has nothing to
 * say, and `sandbox` asks for confinement.
 */

/** The file or directory it is about. */
const path = fileUri;
/** Which files there are for the request, and which it may change. */
const sandbox = optional(sandboxSchema);
/** False means: fail where any part of the path is a link. */
const followSymlinks = v.nullish(v.boolean(), true);
/** A member that is true unless it says otherwise. */
const unlessFalse = v.nullish(v.boolean(), true);
/** Bytes from the beginning of the file. Beyond 2^53, where no file has any, about as many. */
const fileOffset = v.pipe(exactUnsigned as unknown as v.GenericSchema<number, number>, v.transform(Number));

/** Permissions of a file: the lower twelve bits of its mode. */
const mode = v.pipe(
  v.number(),
  v.check(
    (n: number) => Number.isInteger(n) && n >= 0 && n <= 0o7777,
    "must be a whole number from 0 to 4095",
  ),
);

/** The result of a method that has nothing to say. */
export const emptyResult = v.object({});

export const readFileParams = v.object({ path, followSymlinks, sandbox });
export const readFileResult = v.object({
  /** The file's bytes. */
  dataBase64: base64,
});

/** `dataBase64` is decoded by the operation: what is no base64 is refused with -32600 there, not as bad params. */
export const writeFileParams = v.object({
  path,
  /** The file's bytes, as base64. */
  dataBase64: textOrBytes,
  followSymlinks,
  /** Additive: its permissions afterwards, 0 to 4,095; those that it has, or what the umask leaves, when absent. */
  mode: optional(mode),
  sandbox,
});

export const createDirectoryParams = v.object({
  path,
  /** Make missing parents, and take a directory that exists for made. */
  recursive: unlessFalse,
  followSymlinks,
  sandbox,
});

export const getMetadataParams = v.object({
  path,
  followSymlinks,
  /** Additive: tell the mode in the result; false when absent. */
  tellMode: v.optional(v.boolean(), false),
  sandbox,
});
export const getMetadataResult = v.object({
  /** Whether it is, or leads to, a directory. */
  isDirectory: v.boolean(),
  /** Whether it is, or leads to, a regular file. */
  isFile: v.boolean(),
  /** Whether the path's last name is a link; the rest is told of what it leads to. */
  isSymlink: v.boolean(),
  /** In bytes. */
  size: unsigned,
  /** Milliseconds since 1970; 0 where the system does not know. */
  createdAtMs: v.number(),
  /** Milliseconds since 1970. */
  modifiedAtMs: v.number(),
  /** Additive: its permissions, where `tellMode` asked for them. */
  mode: v.optional(unsigned),
});

export const canonicalizeParams = v.object({ path, sandbox });
export const canonicalizeResult = v.object({
  /** The same place by its real names. */
  path,
});

export const readDirectoryParams = v.object({ path, sandbox });
export const readDirectoryResult = v.object({
  /** One for every name. */
  entries: v.array(v.object({
    /** The name alone; bytes that are not UTF-8 show as U+FFFD. */
    fileName: v.string(),
    /** Whether it is, or leads to, a directory. */
    isDirectory: v.boolean(),
    /** Whether it is, or leads to, a regular file. */
    isFile: v.boolean(),
  })),
});

export const walkParams = v.object({
  path,
  /** How far to go. */
  options: v.object({
    /** Levels below the root's children, 0 to 64. */
    maxDepth: unsigned,
    /** Directories entered, with the root; 1 to 10,000. */
    maxDirectories: unsigned,
    /** Names looked at, 1 to 50,000. */
    maxEntries: unsigned,
    /** List links to directories and enter each real directory once; false leaves them out. */
    followDirectorySymlinks: v.boolean(),
    /** List hidden directories, but do not enter them. */
    pruneHiddenDirectories: v.optional(v.boolean(), false),
  }),
  sandbox,
});
export const walkResult = v.object({
  /** What was found. Links to files, links that lead nowhere, and special files are left out. */
  entries: v.array(v.object({
    /** Where it is, by the names that led to it. */
    path,
    /** What it is. */
    kind: v.picklist(["file", "directory"]),
  })),
  /** Directories that could not be read, and names that are not UTF-8. */
  errors: v.array(v.object({
    /** Where it is. */
    path,
    /** Why, for people. */
    message: v.string(),
  })),
  /** Whether a limit cut something off: one of the options, or 4 MiB of answer. */
  truncated: v.boolean(),
});

export const removeParams = v.object({
  path,
  /** Remove what a directory holds, too. */
  recursive: unlessFalse,
  /** Take what does not exist for removed. */
  force: unlessFalse,
  followSymlinks,
  sandbox,
});

export const copyParams = v.object({
  /** What to copy. */
  sourcePath: path,
  /** What the copy is called, not the directory it goes into. */
  destinationPath: path,
  /** Needed for a directory. */
  recursive: v.boolean(),
  sandbox,
});

/** The client's name for a file stream, at most 32 bytes of UTF-8. */
const handleId = v.string();

export const openParams = v.object({
  handleId,
  path,
  /** What for: `replace` is for writing and makes or empties the file at once. */
  mode: v.optional(v.picklist(["read", "replace"]), "read"),
  sandbox,
});
export const openResult = v.object({ handleId });

export const readBlockParams = v.object({
  handleId,
  /** Where to begin, in bytes from the beginning of the file. */
  offset: fileOffset,
  /** Bytes, 1 to 1,048,576. */
  len: unsigned,
});
export const readBlockResult = v.object({
  /** The bytes. */
  chunk: base64,
  /** Whether fewer bytes were there than were asked for. Reading exactly to the end gives false, and true the next time. */
  eof: v.boolean(),
});

export const writeBlockParams = v.object({
  handleId,
  /** Where to begin, in bytes from the beginning of the file. */
  offset: fileOffset,
  /** 1 to 1,048,576 bytes. */
  chunk: base64,
});

export const closeParams = v.object({ handleId });

/** Additive: a new name for what has another. */
export const renameParams = v.object({
  /** The name it has. A link is renamed itself. */
  sourcePath: path,
  /** The name it gets, on the same file system. A file that has it goes. */
  destinationPath: path,
  sandbox,
});

/** Additive: other permissions. */
export const chmodParams = v.object({
  path,
  /** 0 to 4,095, such as 493 for `rwxr-xr-x`. */
  mode,
  sandbox,
});

/** Additive: a tree to read. */
export const packParams = v.object({
  handleId,
  path,
  /**
   * What is left out: a pattern without a slash is matched with a name, any other with the whole path below `path`. `*` and
   * `?` stay within a name, `**` goes over many, `[a-z]` is one character of some, `{a,b}` either.
   */
  exclude: v.optional(v.array(v.string()), []),
  /** What the client has: files of the same size and time are left out, and parts are gone on from. */
  have: v.optional(
    v.array(v.object({
      /** Below `path`, with `/` between names. */
      path: v.string(),
      /** In bytes. */
      size: unsigned,
      /** Milliseconds since 1970. */
      modifiedAtMs: v.number(),
    })),
    [],
  ),
  /** Tell what there is, with sizes in `EXECSERVER.size`, and hold no bytes of it. */
  listOnly: v.optional(v.boolean(), false),
  sandbox,
});

/** Additive: a tree to write. */
export const unpackParams = v.object({ handleId, path, sandbox });

export const watchMissingParams = v.object({
  /** The client's number for the watch, greater than every one before on this connection. */
  watchId: exactUnsigned,
  /** Paths that do not exist, 64 at the most. */
  missing: v.array(path),
  /** A path that does, and is watched for changes. */
  present: optional(path),
});
export const watchMissingResult = v.object({
  /**
   * False where there is nothing to wait for (a path exists after all, the list is empty or too long, the number is not
   * greater) or no way to: look again by other means.
   */
  watching: v.boolean(),
});
/** Tells, once, that it is time to look again. */
export const missingChangedNotification = v.object({
  /** That of the watch, which is over. */
  watchId: exactUnsigned,
});

/** The client's name for a watch, at most 32 bytes of UTF-8. */
const watchId = v.string();

export const watchParams = v.object({
  watchId,
  path,
  /** Watch what is below the directories in it, too. */
  recursive: v.nullish(v.boolean(), false),
  sandbox,
});
export const watchResult = v.object({ watchId });

export const unwatchParams = v.object({ watchId });

/** Additive: what happened since the last such notification. */
export const changedNotification = v.object({
  watchId,
  /** What happens to a directory stands for all that is in it. */
  changes: v.array(v.variant("kind", [
    v.object({
      kind: v.picklist(["create", "modify", "remove"]),
      /** What it happened to. */
      path,
    }),
    v.object({
      kind: v.literal("rename"),
      /** The name before. */
      from: path,
      /** The name now. */
      path,
    }),
    v.object({
      kind: v.literal("overflow"),
      /** More happened below this than is told: look again. */
      path,
    }),
  ])),
  /** Whether the watch is over: what it watched is gone, or nothing more can be told of it. */
  ended: v.boolean(),
});
