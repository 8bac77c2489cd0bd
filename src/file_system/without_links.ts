import { constants, type Stats } from "node:fs";
import { refused } from "../native/operation_error.ts";
import { osErrorCode } from "../native/os_errors.ts";
import { type Disk, ignore } from "./disk.ts";
import { systemError } from "./failures.ts";
import { join, splitPath } from "./paths.ts";
import { descriptorPath, hasDescriptorPaths, O_PATH } from "./platform.ts";

/** A name in a directory that was reached without following a link. */
export interface Place extends AsyncDisposable {
  /** A path that leads to the name, for as long as the place is not disposed. */
  readonly path: string;
}

/**
 * Goes to a path's last name without following a link on the way. Whether the name itself is a link is for the
 * caller to see.
 *
 * On Linux each directory on the way is opened from the one before and held, so that nobody can slip in a link
 * between the look and the use. Elsewhere the way is looked at first and then gone.
 *
 * @throws {OperationError} REFUSED for the root, which has no name
 * @throws {Error} ENOTDIR for a link or a file on the way, ENOENT for what is missing
 */
export async function goWithoutLinks(disk: Disk, path: string): Promise<Place> {
  const { root, names } = splitPath(path);
  const last = names.pop();
  if (last === undefined) throw refused("path must name an entry");
  const parent = await holdDirectory(disk, root, names, { create: false });
  return { path: join(parent.path, last), [Symbol.asyncDispose]: () => parent[Symbol.asyncDispose]() };
}

/** Makes a directory and those above it that are missing, following no link. */
export async function makeWithoutLinks(disk: Disk, path: string): Promise<void> {
  const { root, names } = splitPath(path);
  const made = await holdDirectory(disk, root, names, { create: true });
  await made[Symbol.asyncDispose]();
}

/** The status of a path that holds no link. */
export async function statWithoutLinks(disk: Disk, path: string): Promise<Stats> {
  if (splitPath(path).names.length === 0) return await disk.lstat(path);
  await using place = await goWithoutLinks(disk, path);
  return refuseLink(await disk.lstat(place.path));
}

/** @throws {OperationError} REFUSED when the status is that of a link */
export function refuseLink(stats: Stats): Stats {
  if (stats.isSymbolicLink()) throw refused("path contains a symbolic link");
  return stats;
}

interface HoldOptions {
  /** Make what is missing. */
  create: boolean;
}

async function holdDirectory(
  disk: Disk,
  root: string,
  names: string[],
  options: HoldOptions,
): Promise<Place> {
  let held = await enter(disk, root);
  for (const name of names) {
    const last = held;
    try {
      const path = join(last.path, name);
      held = await enter(disk, path).catch(async (error) => {
        if (!options.create || osErrorCode(error) !== "ENOENT") throw error;
        await disk.mkdir(path).catch(ignore("EEXIST"));
        return await enter(disk, path);
      });
    } finally {
      await last[Symbol.asyncDispose]();
    }
  }
  return held;
}

async function enter(disk: Disk, path: string): Promise<Place> {
  if (!hasDescriptorPaths()) return await look(disk, path);
  const handle = await disk.open(path, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  return { path: descriptorPath(handle.fd), [Symbol.asyncDispose]: () => handle.close() };
}

async function look(disk: Disk, path: string): Promise<Place> {
  if (!(await disk.lstat(path)).isDirectory()) throw systemError("ENOTDIR");
  return { path, [Symbol.asyncDispose]: () => Promise.resolve() };
}
