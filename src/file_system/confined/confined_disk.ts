import { constants, type Stats } from "node:fs";
import type { DirectoryNotifier } from "../../host/directory_notifier.ts";
import type { CallShare } from "../../host/waiting_calls.ts";
import { CONFINED_OPEN_ATTEMPTS } from "../../limits.ts";
import { osErrorCode } from "../../native/os_errors.ts";
import type { Disk } from "../disk.ts";
import type { DiskFile } from "../disk_file.ts";
import type { Entry } from "../entry.ts";
import { notAFile, systemError } from "../failures.ts";
import { join } from "../paths.ts";
import { O_PATH } from "../platform.ts";
import { findSpot, type LastLink } from "./find_spot.ts";
import { OpenedPlaces } from "./opened_places.ts";
import type { Spot } from "./spot.ts";
import type { FileSight } from "../../host/file_sight.ts";
import { mayRead, type View } from "./view.ts";

/** How the files of a machine are seen under a policy. */
export interface ConfinedDiskOptions {
  /**
   * Whether what stands in the place of something that must not be made is there. Who makes and removes finds it, as a
   * confined process does; who only looks finds what is there.
   */
  readonly showsPlaceholders: boolean;
}

/**
 * The files of this machine as far as a policy leaves them. Every call decides about what it has reached and holds, and acts
 * on that; no path is looked at and then gone once more.
 */
export class ConfinedDisk implements Disk {
  readonly #disk: Disk;
  readonly #view: View;
  readonly #options: ConfinedDiskOptions;
  /** What the operations have open: they go on from there by paths that begin with a descriptor. */
  readonly #opened = new OpenedPlaces();

  /** @param disk the whole machine's */
  constructor(disk: Disk, view: View, options: ConfinedDiskOptions) {
    this.#disk = disk;
    this.#view = view;
    this.#options = options;
  }

  sharing(calls: CallShare): Disk {
    return new ConfinedDisk(this.#disk.sharing(calls), this.#view, this.#options);
  }

  async open(path: string, flags: number, mode?: number): Promise<DiskFile> {
    for (let attempts = 1;; attempts++) {
      using spot = await this.#find(path, flags & constants.O_NOFOLLOW ? "keep" : "follow");
      if (spot.exists) return await this.#openFound(spot, flags, path);
      if (!(flags & constants.O_CREAT)) throw systemError("ENOENT");
      try {
        const exactly = constants.O_EXCL | constants.O_NOFOLLOW;
        return this.#opened.add(
          await this.#disk.open(spot.changeableWay(), flags | exactly, mode),
          spot.path,
        );
      } catch (error) {
        // Somebody was quicker: what is there now is another question.
        if (osErrorCode(error) !== "EEXIST" || flags & constants.O_EXCL) throw error;
        if (attempts >= CONFINED_OPEN_ATTEMPTS) throw systemError("EAGAIN");
      }
    }
  }

  async stat(path: string): Promise<Stats> {
    using spot = await this.#find(path, "follow");
    return spot.stats;
  }

  async lstat(path: string): Promise<Stats> {
    using spot = await this.#find(path, "keep");
    return spot.stats;
  }

  async mkdir(path: string): Promise<void> {
    using spot = await this.#find(path, "keep");
    if (spot.exists) throw systemError("EEXIST");
    await this.#disk.mkdir(spot.changeableWay());
  }

  async rmdir(path: string): Promise<void> {
    using spot = await this.#find(path, "keep");
    await this.#disk.rmdir(this.#removableWay(spot));
  }

  async unlink(path: string): Promise<void> {
    using spot = await this.#find(path, "keep");
    await this.#disk.unlink(this.#removableWay(spot));
  }

  async symlink(target: string, path: string): Promise<void> {
    using spot = await this.#find(path, "keep");
    if (spot.exists) throw systemError("EEXIST");
    await this.#disk.symlink(target, spot.changeableWay());
  }

  /**
   * A directory stays where it is, as on another file system: what the policy says of places in it would not go along. It can
   * be copied.
   */
  async rename(from: string, to: string): Promise<void> {
    using source = await this.#find(from, "keep");
    using destination = await this.#find(to, "keep");
    const way = this.#removableWay(source);
    if (source.found?.stats.isDirectory()) throw systemError("EXDEV");
    if (source.sight !== "writable") throw systemError("EROFS");
    const target = destination.exists ? this.#removableWay(destination) : destination.changeableWay();
    if (destination.isLeftByStranger) throw systemError("EACCES");
    await this.#disk.rename(way, target);
  }

  async readWhole(path: string): Promise<Uint8Array> {
    await using file = await this.open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const { size } = await file.stat();
    const bytes = new Uint8Array(size);
    let used = 0;
    for (let read = -1; used < size && read !== 0; used += read) {
      read = await file.read(bytes, used, size - used, used);
    }
    return bytes.subarray(0, used);
  }

  async createWhole(path: string, bytes: Uint8Array, mode: number): Promise<void> {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    await using file = await this.open(path, flags, mode);
    for (let done = 0; done < bytes.length;) {
      done += await file.write(bytes, done, bytes.length - done, null);
    }
  }

  async chmod(path: string, mode: number): Promise<void> {
    using spot = await this.#find(path, "follow");
    await this.#disk.chmod(writableWay(spot), mode);
  }

  async setTimes(path: string, modifiedAtMs: number): Promise<void> {
    using spot = await this.#find(path, "follow");
    await this.#disk.setTimes(writableWay(spot), modifiedAtMs);
  }

  async readlink(path: string): Promise<string> {
    using spot = await this.#find(path, "keep");
    if (!spot.exists) throw systemError("ENOENT");
    if (!spot.nameWay || !spot.found?.stats.isSymbolicLink()) throw systemError("EINVAL");
    return await this.#disk.readlink(spot.nameWay);
  }

  async realpath(path: string): Promise<string> {
    using spot = await this.#find(path, "follow");
    if (!spot.exists) throw systemError("ENOENT");
    return spot.path;
  }

  notifier(): DirectoryNotifier | undefined {
    const notifier = this.#disk.notifier();
    return notifier && {
      watch: (way, heard, listener) => {
        const path = this.#opened.at(way);
        if (path === undefined || !mayRead(this.#view.at(path))) throw systemError("EACCES");
        return notifier.watch(way, heard, listener);
      },
    };
  }

  openDirectory(path: string, flags = 0): Promise<DiskFile> {
    return this.open(path, constants.O_RDONLY | constants.O_DIRECTORY | flags);
  }

  async *list(path: string): AsyncGenerator<Entry[]> {
    await using directory = await this.openDirectory(path);
    yield* this.listOpened(directory, path);
  }

  async *listOpened(directory: DiskFile, path: string): AsyncGenerator<Entry[]> {
    const place = this.#opened.of(directory);
    if (place === undefined) throw systemError("EACCES");
    const sight = this.#view.at(place);
    if (sight === "emptyDirectory") return;
    for await (const entries of this.#disk.listOpened(directory, path)) {
      yield sight === "passage" ? entries.filter(({ name }) => this.#shows(join(place, name))) : entries;
    }
  }

  async copyFile(source: string, destination: string): Promise<void> {
    // Both were opened for it, under the policy.
    const areOpen = [source, destination].every((path) => this.#opened.at(path) !== undefined);
    if (!areOpen) throw systemError("EACCES");
    await this.#disk.copyFile(source, destination);
  }

  async fileSystemType(path: string): Promise<number> {
    using spot = await this.#find(path, "follow");
    if (!spot.found) throw systemError("ENOENT");
    return await this.#disk.fileSystemType(spot.found.way);
  }

  async #find(path: string, lastLink: LastLink): Promise<Spot> {
    const { start, rest } = await this.#opened.startOf(this.#disk, path);
    return await findSpot(start, rest, { disk: this.#disk, view: this.#view, lastLink, ...this.#options });
  }

  /** What it is opened for is decided by the place that is held, and that place is opened. */
  async #openFound(spot: Spot, flags: number, asked: string): Promise<DiskFile> {
    const { found, sight, path } = spot;
    if (flags & constants.O_CREAT && flags & constants.O_EXCL) throw systemError("EEXIST");
    if (flags & constants.O_CREAT && spot.isLeftByStranger) throw systemError("EACCES");
    if (!found) return await this.#openPlaceholder(spot, flags);
    const { stats } = found;
    if (stats.isSymbolicLink()) throw systemError(flags & constants.O_DIRECTORY ? "ENOTDIR" : "ELOOP");
    if (isForWriting(flags)) refuseWriting(stats, sight, path);
    else if (!(flags & O_PATH)) {
      if (!mayRead(sight)) throw systemError("EACCES");
      // To open one may do something by itself.
      if (isDevice(stats)) throw notAFile(asked);
    }
    const again = flags & ~(constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW);
    return this.#opened.add(await this.#disk.open(found.way, again), path);
  }

  async #openPlaceholder({ sight, path, parentWay }: Spot, flags: number): Promise<DiskFile> {
    const isDirectory = sight === "emptyDirectory";
    if (isForWriting(flags)) throw systemError(isDirectory ? "EISDIR" : "EROFS");
    if (!isDirectory || parentWay === undefined) throw systemError("EACCES");
    // There is nothing to open: a descriptor of its parent stands for it, as a place in the tree and no more.
    return this.#opened.add(await this.#disk.open(parentWay, O_PATH | constants.O_DIRECTORY), path);
  }

  #removableWay(spot: Spot): string {
    const way = spot.changeableWay();
    if (!spot.exists) throw systemError("ENOENT");
    if (this.#view.isFixed(spot.path)) throw systemError("EBUSY");
    return way;
  }

  #shows(path: string): boolean {
    return this.#view.at(path) !== "nothing" || this.#view.showsLink(path);
  }
}

/** @throws {Error} ENOENT, and EROFS for what the policy lets nobody change */
function writableWay({ exists, found, sight }: Spot): string {
  if (!exists) throw systemError("ENOENT");
  if (!found || sight !== "writable") throw systemError("EROFS");
  return found.way;
}

function isForWriting(flags: number): boolean {
  return !(flags & O_PATH) && (flags & (constants.O_WRONLY | constants.O_RDWR | constants.O_TRUNC)) !== 0;
}

/** @throws {Error} as a kernel does that opens it on a file system that is mounted so, without devices */
function refuseWriting(stats: Stats, sight: FileSight, path: string): void {
  if (stats.isDirectory()) throw systemError("EISDIR");
  if (isDevice(stats)) {
    if (path !== "/dev/null" || !stats.isCharacterDevice()) throw systemError("EACCES");
  } else if (sight !== "writable") throw systemError("EROFS");
}

function isDevice(stats: Stats): boolean {
  return stats.isCharacterDevice() || stats.isBlockDevice();
}
