import * as v from "valibot";
import { sandbox as sandboxSchema } from "./sandbox.ts";
import { base64, optional, unsigned } from "./values.ts";

/**
 * Schemas of the file-system family. Every `path` is a file URI, `{}` is the result of a method that has nothing to
 * say, and `sandbox` asks for confinement.
 */

const path = v.string();
const sandbox = optional(sandboxSchema);
/** False means: no link in any part of the path. */
const followSymlinks = v.nullish(v.boolean(), true);
/** A member that is true unless it says otherwise. */
const unlessFalse = v.nullish(v.boolean(), true);
/** Params give it as a number that may be beyond those that JavaScript tells apart. */
const fileOffset = v.pipe(
  v.number(),
  v.check((n: number) => Number.isInteger(n) && n >= 0 && n <= 2 ** 64, "must be an unsigned integer"),
);

/** The result of a method that has nothing to say. */
export const emptyResult = v.object({});

export const readFileParams = v.object({ path, followSymlinks, sandbox });
export const readFileResult = v.object({ dataBase64: base64 });

/** `dataBase64` is decoded by the operation: what is no base64 is refused with -32600 there, not as bad params. */
export const writeFileParams = v.object({ path, dataBase64: v.string(), followSymlinks, sandbox });

export const createDirectoryParams = v.object({
  path,
  /** Make missing parents, and take a directory that exists for made. */
  recursive: unlessFalse,
  followSymlinks,
  sandbox,
});

export const getMetadataParams = v.object({ path, followSymlinks, sandbox });
export const getMetadataResult = v.object({
  isDirectory: v.boolean(),
  isFile: v.boolean(),
  /** Whether the path's last name is a link; the rest is told of what it leads to. */
  isSymlink: v.boolean(),
  /** In bytes. */
  size: unsigned,
  /** Milliseconds since 1970; 0 where the system does not know. */
  createdAtMs: v.number(),
  /** Milliseconds since 1970. */
  modifiedAtMs: v.number(),
});

export const canonicalizeParams = v.object({ path, sandbox });
export const canonicalizeResult = v.object({ path });

export const readDirectoryParams = v.object({ path, sandbox });
export const readDirectoryResult = v.object({
  entries: v.array(v.object({ fileName: v.string(), isDirectory: v.boolean(), isFile: v.boolean() })),
});

export const walkParams = v.object({
  path,
  options: v.object({
    /** Levels below the root's children. */
    maxDepth: unsigned,
    /** Directories entered, with the root. */
    maxDirectories: unsigned,
    /** Names looked at. */
    maxEntries: unsigned,
    followDirectorySymlinks: v.boolean(),
    /** List hidden directories, but do not enter them. */
    pruneHiddenDirectories: v.optional(v.boolean(), false),
  }),
  sandbox,
});
export const walkResult = v.object({
  entries: v.array(v.object({ path, kind: v.picklist(["file", "directory"]) })),
  /** Directories that could not be read, and names that are not UTF-8. */
  errors: v.array(v.object({ path, message: v.string() })),
  /** Whether a limit cut something off. */
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
  sourcePath: path,
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
  /** What for: `replace` makes or empties the file at once. */
  mode: v.optional(v.picklist(["read", "replace"]), "read"),
  sandbox,
});
export const openResult = v.object({ handleId });

export const readBlockParams = v.object({ handleId, offset: fileOffset, len: unsigned });
export const readBlockResult = v.object({
  chunk: base64,
  /** Whether fewer bytes were there than were asked for. */
  eof: v.boolean(),
});

export const writeBlockParams = v.object({ handleId, offset: fileOffset, chunk: base64 });

export const closeParams = v.object({ handleId });

export const watchMissingParams = v.object({
  /** Greater than every one before on this connection. */
  watchId: unsigned,
  /** Paths that do not exist. */
  missing: v.array(path),
  /** A path that does, and is watched for changes. */
  present: optional(path),
});
export const watchMissingResult = v.object({
  /** False where there is nothing to wait for, or no way to. */
  watching: v.boolean(),
});
/** Tells, once, that it is time to look again. */
export const missingChangedNotification = v.object({ watchId: unsigned });

/** Additive: the client's name for a watch, at most 32 bytes of UTF-8. */
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
    v.object({ kind: v.picklist(["create", "modify", "remove"]), path }),
    v.object({ kind: v.literal("rename"), from: path, path }),
    /** More happened below the path than is told: look again. */
    v.object({ kind: v.literal("overflow"), path }),
  ])),
  /** Whether the watch is over: what it watched is gone, or nothing more can be told of it. */
  ended: v.boolean(),
});
