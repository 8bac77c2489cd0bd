import { lstatSync, readlinkSync } from "node:fs";
import { mountTable } from "./mount_table.ts";

/** Links on one path, above which the kernel gives up too. */
const linksAtMost = 40;

/**
 * The mount point of the first file system on the way of an absolute path that may not answer; undefined where all do.
 * Links are followed up to there, and nothing beyond is touched.
 *
 * @param remote where such file systems are mounted
 */
export function remoteMountOf(
  path: string,
  remote: ReadonlySet<string> = mountTable.remote,
): string | undefined {
  if (remote.size === 0) return undefined;
  const names = path.split("/").reverse();
  let at = "";
  let links = 0;
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      at = at.slice(0, Math.max(0, at.lastIndexOf("/")));
      continue;
    }
    const next = `${at}/${name}`;
    if (remote.has(next)) return next;
    const target = linkTarget(next);
    if (target === undefined) at = next;
    else if (++links > linksAtMost) return undefined;
    else {
      if (target.startsWith("/")) at = "";
      names.push(...target.split("/").reverse());
    }
  }
  return undefined;
}

/** What a link holds; undefined for anything else. */
function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined; // No directory on the way, or one that may not be searched: no call gets further either.
  }
}
