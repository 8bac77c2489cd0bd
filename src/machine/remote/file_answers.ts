import { WALK_MAXIMUMS } from "../../limits.ts";
import type { PlatformOs } from "../../protocol/file_uri.ts";
import type { NotificationOf, ParamsSent, ResultOf } from "../../protocol/methods.ts";
import type { DirectoryEntry, FileChange, WalkOptions, WalkResult } from "../file_system.ts";
import { pathOfUri } from "../machine_path.ts";

/** What is asked and answered on the wire, as the library has it. */

/** How far a walk goes when nothing is said: as far as it may. */
export function walkParams(options: WalkOptions = {}): ParamsSent<"fs/walk">["options"] {
  return {
    maxDepth: options.maxDepth ?? WALK_MAXIMUMS.depth,
    maxDirectories: options.maxDirectories ?? WALK_MAXIMUMS.directories,
    maxEntries: options.maxEntries ?? WALK_MAXIMUMS.entries,
    followDirectorySymlinks: options.followDirectorySymlinks ?? false,
    pruneHiddenDirectories: options.pruneHiddenDirectories ?? false,
  };
}

/** A walk's answer with paths for URIs. */
export function walkResult({ entries, errors, truncated }: ResultOf<"fs/walk">, os: PlatformOs): WalkResult {
  return {
    entries: entries.map(({ path, kind }) => ({ path: pathOfUri(path, os), kind })),
    errors: errors.map(({ path, message }) => ({ path: pathOfUri(path, os), message })),
    truncated,
  };
}

/** A directory's entries. */
export function directoryEntries({ entries }: ResultOf<"fs/readDirectory">): DirectoryEntry[] {
  return entries.map(({ fileName, isDirectory, isFile }) => ({ name: fileName, isDirectory, isFile }));
}

/** Changes with paths for URIs. */
export function fileChanges(changes: NotificationOf<"fs/changed">["changes"], os: PlatformOs): FileChange[] {
  return changes.map((change) =>
    change.kind === "rename"
      ? { ...change, from: pathOfUri(change.from, os), path: pathOfUri(change.path, os) }
      : { ...change, path: pathOfUri(change.path, os) }
  );
}
