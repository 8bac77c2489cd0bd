import { opendir, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { CallShare } from "../host/waiting_calls.ts";
import { CAPABILITY_DEPTH, CAPABILITY_DIRECTORIES, CAPABILITY_ENTRIES } from "../limits.ts";
import { osErrorCode, osErrorText } from "../native/os_errors.ts";

/** What lies below a directory. */
export interface ScannedTree {
  /** Paths of regular files, links excluded. */
  readonly files: readonly string[];
  /** Directories that could not be listed, and why. */
  readonly failures: readonly { readonly path: string; readonly reason: string }[];
  /** Set where a limit cut something off. */
  readonly truncated: boolean;
}

/**
 * Lists the files below a directory, breadth first, links to directories followed, each real directory once. The
 * reference server's bounds keep a home directory full of sources from being searched to its end.
 *
 * @param calls what it waits in
 */
export async function scanTree(root: string, calls: CallShare): Promise<ScannedTree> {
  const files: string[] = [];
  const failures: { path: string; reason: string }[] = [];
  const entered = new Set<string>();
  let level = [root];
  let entries = 0;
  let truncated = false;
  for (let depth = 0; level.length > 0 && depth <= CAPABILITY_DEPTH; depth++) {
    const below: string[] = [];
    for (const directory of level) {
      if (entered.size === CAPABILITY_DIRECTORIES || entries === CAPABILITY_ENTRIES) {
        truncated = true;
        break;
      }
      try {
        const real = await calls.run(() => realpath(directory), directory);
        if (entered.has(real)) continue;
        const most = CAPABILITY_ENTRIES - entries;
        const listed = await calls.run(() => listDirectory(directory, most), directory);
        entered.add(real);
        entries += listed.names;
        truncated ||= listed.truncated;
        files.push(...listed.files);
        below.push(...listed.directories);
      } catch (error) {
        const code = osErrorCode(error);
        // Links that lead to no directory are found out here.
        if (directory !== root && (code === "ENOTDIR" || code === "ENOENT" || code === "ELOOP")) continue;
        failures.push({ path: directory, reason: code ? osErrorText(code) : String(error) });
      }
    }
    level = below;
  }
  return { files, failures, truncated };
}

async function listDirectory(directory: string, maxNames: number) {
  const files: string[] = [];
  const directories: string[] = [];
  let names = 0;
  // Leaving the loop closes the directory.
  for await (const entry of await opendir(directory)) {
    if (names === maxNames) return { files, directories: directories.sort(), names, truncated: true };
    names++;
    const path = join(directory, entry.name);
    if (entry.isFile()) files.push(path);
    else if (entry.isDirectory() || entry.isSymbolicLink()) directories.push(path);
  }
  return { files, directories: directories.sort(), names, truncated: false };
}
