import { isAbsolute } from "node:path";
import { LINKS_FOLLOWED } from "../limits.ts";
import { osErrorCode } from "../native/os_errors.ts";
import type { Disk } from "./disk.ts";
import { join, parentOf, splitPath } from "./paths.ts";

/** How a path is reached. */
export interface Way {
  /** The path without links, as far as there is one; what is missing follows as it stands. */
  readonly real: string;
  /** The names that lead there, by the directories they are in: if one of them changes, the path may lead elsewhere. */
  readonly names: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Goes to a path, link by link.
 *
 * @throws {Error} ELOOP, and what else keeps the system from going there; a name that is missing is no error
 */
export async function findWay(disk: Disk, path: string): Promise<Way> {
  const { root, names } = splitPath(path);
  const found = new Map<string, Set<string>>();
  let directory = root;
  let links = 0;
  for (let left = names; left.length > 0;) {
    const [name, ...rest] = left;
    left = rest;
    if (name === ".") continue;
    if (name === "..") {
      directory = parentOf(directory) ?? directory;
      continue;
    }
    found.set(directory, (found.get(directory) ?? new Set()).add(name!));
    const target = await linkTarget(disk, join(directory, name!));
    if (target === undefined) {
      directory = join(directory, name!);
      continue;
    }
    if (++links > LINKS_FOLLOWED) throw Object.assign(new Error("too many links"), { code: "ELOOP" });
    const isRooted = isAbsolute(target);
    const { root: targetRoot, names: targetNames } = splitPath(isRooted ? target : join(root, target));
    if (isRooted) directory = targetRoot;
    left = [...targetNames, ...left];
  }
  return { real: directory, names: found };
}

/** What a link holds; undefined for what is no link, or not there. */
async function linkTarget(disk: Disk, path: string): Promise<string | undefined> {
  try {
    return await disk.readlink(path);
  } catch (error) {
    // EINVAL says that it is no link; some runtimes say so with a code of their own.
    if (osErrorCode(error) === "ELOOP") throw error;
    return undefined;
  }
}

/** Whether both are the same way, over the same directories. */
export function isSameWay(one: Way, other: Way): boolean {
  const text = ({ real, names }: Way) =>
    JSON.stringify([real, ...[...names].map(([directory, each]) => [directory, ...each])]);
  return text(one) === text(other);
}
