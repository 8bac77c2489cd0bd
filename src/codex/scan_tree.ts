import { join } from "node:path";
import { CAPABILITY_DEPTH, CAPABILITY_DIRECTORIES, CAPABILITY_ENTRIES } from "../limits.ts";
import { osErrorCode, osErrorText } from "../native/os_errors.ts";
import type { CapabilityFiles } from "./capability_files.ts";

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
 */
export async function scanTree(root: string, source: CapabilityFiles): Promise<ScannedTree> {
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
        const real = await source.realpath(directory);
        if (entered.has(real)) continue;
        const most = CAPABILITY_ENTRIES - entries;
        const listed = await listDirectory(source, directory, most);
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

async function listDirectory(source: CapabilityFiles, directory: string, most: number) {
  const { entries, truncated } = await source.list(directory, most);
  const paths = (...kinds: string[]) =>
    entries.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => join(directory, name));
  return {
    files: paths("file"),
    directories: paths("directory", "link").sort(),
    names: entries.length,
    truncated,
  };
}
