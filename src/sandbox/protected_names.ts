import { dirname, resolve } from "node:path";
import type { DiskView } from "./disk_view.ts";
import type { LinkFollower } from "./follow_links.ts";
import type { Places } from "./places.ts";
import { settled } from "./settled.ts";
import { UnenforceableError } from "./unenforceable_error.ts";

/** Directories whose contents are run or obeyed by programs outside, later: read only in every writable directory. */
export const protectedNames = [".git", ".agents", ".codex", ".aws"] as const;

/**
 * Makes the protected names directly below every writable directory read only, and where `.git` is a file, what it
 * points at. Those that are missing must not be made.
 *
 * @param lifted paths that the policy wants written to, whatever their names
 * @throws {UnenforceableError} where one of them is a link, which could be changed
 */
export async function protectNames(
  places: Places,
  lifted: ReadonlySet<string>,
  disk: DiskView,
  follower: LinkFollower,
): Promise<void> {
  const writable = places.sorted().filter(({ access, kind }) => access === "write" && kind === "directory");
  const roots = [...places.around("/") === "writable" ? ["/"] : [], ...writable.map(({ path }) => path)];
  const paths = roots.flatMap((root) => protectedNames.map((name) => `${root === "/" ? "" : root}/${name}`))
    .filter((path) => !lifted.has(path) && places.get(path)?.access !== "write");
  const kinds = await settled(paths.map((path) => follower.kindOf(path)));
  const gitFiles: string[] = [];
  paths.forEach((path, index) => {
    const kind = kinds[index]!;
    if (kind === "unreachable") return;
    if (kind === "link") {
      throw new UnenforceableError(
        `${path} cannot be kept read only, because it is a link that could be changed: replace it by what it ` +
          "leads to, or add an entry that lets it be written to",
      );
    }
    places.add({ path, access: "read", kind, isProtected: true });
    if (kind === "file" && path.endsWith("/.git")) gitFiles.push(path);
  });
  await Promise.all(gitFiles.map((path) => protectGitDirectory(path, places, disk, follower)));
}

/** A worktree's or submodule's `.git` says where the repository is. */
async function protectGitDirectory(
  file: string,
  places: Places,
  disk: DiskView,
  follower: LinkFollower,
): Promise<void> {
  const named = /^gitdir:[ \t]*(.+?)[ \t\r]*$/m.exec(await disk.beginning(file))?.[1];
  if (named === undefined) return;
  const { path, kind } = await follower.follow(resolve(dirname(file), named));
  if (kind !== "directory" || places.at(path).class !== "writable") return;
  places.add({ path, access: "read", kind, isProtected: true });
}
