import { constants, type Stats } from "node:fs";
import { refused } from "../native/operation_error.ts";
import { makeWithParents } from "./create_directory.ts";
import type { Disk } from "./disk.ts";
import type { DiskFile } from "./disk_file.ts";
import { type EntryKind, identityOf, kindOf } from "./entry.ts";
import { notAFile } from "./failures.ts";
import type { CopyOptions } from "./operations.ts";
import { join, parentOf } from "./paths.ts";
import { descriptorPath, hasDescriptorPaths, O_NOCTTY } from "./platform.ts";

/**
 * Copies a file, a link (as a link) or a directory.
 *
 * A file keeps its mode, and is written over what is there. A directory is merged into what is there, its parents
 * are made, and what is neither file, directory nor link is left out. A file copied onto itself, also through a link
 * or under another name of the same file, stays as it is.
 *
 * @throws {OperationError} REFUSED for a directory without `recursive`, a directory into itself, and a device
 * @throws {Error} the operating system's, such as ENOENT when the source does not exist, or the directory of a copied
 *   file. What was copied before the failure stays.
 */
export async function copy(
  disk: Disk,
  source: string,
  destination: string,
  { recursive = false }: CopyOptions = {},
): Promise<void> {
  const kind = kindOf(await disk.lstat(source));
  if (kind !== "directory") return await copyEntry(disk, kind, source, destination);
  if (!recursive) throw refused("fs/copy requires recursive: true when sourcePath is a directory");
  if (isWithin(await realDestination(disk, destination), await disk.realpath(source))) {
    throw refused("fs/copy cannot copy a directory to itself or one of its descendants");
  }
  await copyTree(disk, source, destination);
}

/** Directory by directory, each after its listing has ended: however deep they are, one is open at a time. */
async function copyTree(disk: Disk, source: string, destination: string): Promise<void> {
  const left = [{ from: source, to: destination }];
  for (let directory = left.pop(); directory; directory = left.pop()) {
    await makeWithParents(disk, directory.to);
    for await (const entries of disk.list(directory.from)) {
      for (const { name, kind } of entries) {
        const from = join(directory.from, name);
        const to = join(directory.to, name);
        const known = kind === "unknown" ? kindOf(await disk.lstat(from)) : kind;
        if (known === "directory") left.push({ from, to });
        else if (known !== "other") await copyEntry(disk, known, from, to);
      }
    }
  }
}

async function copyEntry(disk: Disk, kind: EntryKind, source: string, destination: string): Promise<void> {
  if (kind === "link") await disk.symlink(await disk.readlink(source), destination);
  else if (kind === "file") await copyFile(disk, source, destination);
  else throw unsupported();
}

const waitless = (constants.O_NONBLOCK ?? 0) | O_NOCTTY;

/**
 * Both ends are opened and looked at before anything is written, so that a FIFO holds nobody up and the same file
 * under two names is seen. The bytes are then moved by the kernel, within the file system where it can.
 */
async function copyFile(disk: Disk, source: string, destination: string): Promise<void> {
  await using from = await disk.open(source, constants.O_RDONLY | constants.O_NOFOLLOW | waitless);
  const given = await from.stat();
  if (!given.isFile()) throw unsupported();
  const creating = constants.O_WRONLY | constants.O_CREAT | waitless;
  // Writable until its mode is set by the copy below, which opens it once more.
  await using to = await disk.open(destination, creating, (given.mode & 0o7777) | 0o200);
  const found = await to.stat();
  // Some runtimes' copy would give the mode of the source to a device, too.
  if (!found.isFile()) throw notAFile(destination);
  if (isSame(given, found)) return;
  try {
    if (hasDescriptorPaths()) await disk.copyFile(descriptorPath(from.fd), descriptorPath(to.fd));
    else await disk.copyFile(source, destination);
  } catch (error) {
    await cutEmptyEnd(to).catch(() => {});
    throw error;
  }
}

/** Some runtimes give the copy its full length first: where the disk was full then, most of it would be a hole. */
async function cutEmptyEnd(file: DiskFile): Promise<void> {
  const { size, blocks } = await file.stat();
  if (blocks * 512 < size) await file.truncate(blocks * 512);
}

function isSame(one: Stats, other: Stats): boolean {
  return one.ino !== 0 && identityOf(one) === identityOf(other);
}

function unsupported(): Error {
  return refused("fs/copy only supports regular files, directories, and symlinks");
}

/** The real path of what exists of a path, and the rest as it stands. */
async function realDestination(disk: Disk, path: string): Promise<string> {
  try {
    return await disk.realpath(path);
  } catch (error) {
    const parent = parentOf(path);
    if (parent === undefined) throw error;
    return join(await realDestination(disk, parent), path.slice(join(parent, "").length));
  }
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(join(directory, ""));
}
