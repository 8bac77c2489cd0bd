import { constants } from "node:fs";
import { failed } from "../native/operation_error.ts";
import { osErrorCode } from "../native/os_errors.ts";
import type { ChangeListener, DirectoryNotifier, Heard } from "../host/directory_notifier.ts";
import type { Disk } from "./disk.ts";
import type { DiskFile } from "./disk_file.ts";
import { descriptorPath, hasDescriptorPaths, O_PATH } from "./platform.ts";

/**
 * What tells of changes in directories; undefined where the machine does not.
 *
 * @throws {OperationError} FAILED when the system gives no more; the message says what to raise
 */
export function openNotifier(disk: Disk): DirectoryNotifier | undefined {
  try {
    return disk.notifier();
  } catch (error) {
    if (osErrorCode(error) !== "EMFILE") throw error;
    const advice = "raise fs.inotify.max_user_instances with sysctl, or the limit of open files (ulimit -n)";
    throw failed(`the system gives no watch: ${advice}`, { cause: error });
  }
}

/**
 * Hears of an open directory.
 *
 * @throws {OperationError} FAILED when the system gives no more watches; the message says what to raise
 * @throws {Error} with `code`, for any other failure
 */
export function watchOpened(
  notifier: DirectoryNotifier,
  directory: DiskFile,
  path: string,
  heard: Heard,
  listener: ChangeListener,
): Disposable {
  // By its descriptor the directory is at hand: nothing is looked up on a disk that may not answer.
  const way = hasDescriptorPaths() ? descriptorPath(directory.fd) : path;
  try {
    return notifier.watch(way, heard, listener);
  } catch (error) {
    if (osErrorCode(error) !== "ENOSPC") throw error;
    const advice = "raise fs.inotify.max_user_watches with sysctl, or watch a smaller directory";
    throw failed(`the user has no watches of the kernel left: ${advice}`, { cause: error });
  }
}

/**
 * Hears of a directory.
 *
 * @throws as {@linkcode watchOpened}, and when the directory cannot be opened
 */
export async function watchDirectory(
  disk: Disk,
  notifier: DirectoryNotifier,
  path: string,
  heard: Heard,
  listener: ChangeListener,
): Promise<Disposable> {
  await using directory = await disk.open(path, O_PATH | constants.O_DIRECTORY);
  return watchOpened(notifier, directory, path, heard, listener);
}
