import { constants } from "node:fs";
import { REMOVE_CALLS, REMOVE_DIRECTORIES } from "../limits.ts";
import { failed } from "../native/operation_error.ts";
import { osErrorCode } from "../native/os_errors.ts";
import { type Disk, ignore } from "./disk.ts";
import type { DiskFile } from "./disk_file.ts";
import { identityOf } from "./entry.ts";
import { join } from "./paths.ts";
import { descriptorPath, hasDescriptorPaths } from "./platform.ts";

/** A directory that is being emptied, in the one before it. */
interface Level {
  readonly path: string;
  readonly name: string;
  /** Undefined while too many others are open. */
  directory: DiskFile | undefined;
  /** Known of one that was closed for a while. */
  identity: string | undefined;
  /** Directories in it that are still there. */
  readonly left: string[];
}

/**
 * Removes a directory and all it holds, following no link.
 *
 * Each directory is reached from the one it is in, which is held open, so that neither the length of the path nor somebody
 * who puts a link in its place leads elsewhere. However deep the tree is, few are open: the way back up goes through
 * `..`, and only to the directory that it came from.
 *
 * @throws {Error} the first failure of the system; what was removed before stays removed
 */
export async function removeTree(disk: Disk, path: string): Promise<void> {
  const removal = new Removal(disk);
  try {
    await removal.run(path);
  } finally {
    await removal.close();
  }
}

class Removal {
  readonly #disk: Disk;
  readonly #levels: Level[] = [];

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  async run(path: string): Promise<void> {
    await this.#enter(path, "");
    for (let level = this.#levels.at(-1); level; level = this.#levels.at(-1)) {
      const name = level.left.pop();
      if (name === undefined) await this.#leave();
      else await this.#enter(join(placeOf(level), name), name).catch(ignore("ENOENT"));
    }
    await this.#disk.rmdir(path);
  }

  async close(): Promise<void> {
    for (const { directory } of this.#levels.splice(0)) await directory?.close().catch(() => {});
  }

  /** Goes into a directory, and removes what is in it except for directories. */
  async #enter(path: string, name: string): Promise<void> {
    const directory = await this.#disk.openDirectory(path, constants.O_NOFOLLOW);
    const level: Level = { path, name, directory, identity: undefined, left: [] };
    this.#levels.push(level);
    await allDone([this.#empty(level, directory), this.#closeAbove()]);
  }

  async #empty(level: Level, directory: DiskFile): Promise<void> {
    const place = placeOf(level);
    for await (const entries of this.#disk.listOpened(directory, level.path)) {
      const files = [];
      for (const entry of entries) {
        if (entry.kind === "directory") level.left.push(entry.name);
        else files.push(entry);
      }
      for (let at = 0; at < files.length; at += REMOVE_CALLS) {
        await allDone(
          files.slice(at, at + REMOVE_CALLS).map(async ({ name, kind }) => {
            const isDirectory = kind === "unknown" &&
              (await this.#disk.lstat(join(place, name))).isDirectory();
            if (isDirectory) level.left.push(name);
            else await this.#disk.unlink(join(place, name));
          }),
        );
      }
    }
  }

  /** Closes the directory that comes back into use last. */
  async #closeAbove(): Promise<void> {
    const level = hasDescriptorPaths() ? this.#levels.at(-1 - REMOVE_DIRECTORIES) : undefined;
    if (!level?.directory) return;
    const { directory } = level;
    level.identity = identityOf(await directory.stat());
    level.directory = undefined;
    closeLater(directory);
  }

  /** Goes back to the directory above, and removes the one that is empty now. */
  async #leave(): Promise<void> {
    const level = this.#levels.at(-1)!;
    const above = this.#levels.at(-2);
    if (above && !above.directory) above.directory = await this.#goUp(level, above);
    this.#levels.pop();
    if (level.directory) closeLater(level.directory);
    if (above) await this.#disk.rmdir(join(placeOf(above), level.name)).catch(ignore("ENOENT"));
  }

  async #goUp(level: Level, above: Level): Promise<DiskFile> {
    const directory = await this.#disk.openDirectory(join(placeOf(level), ".."));
    if (identityOf(await directory.stat()) === above.identity) return directory;
    await directory.close();
    throw failed("a directory was moved while it was removed");
  }
}

function placeOf({ directory, path }: Level): string {
  return directory && hasDescriptorPaths() ? descriptorPath(directory.fd) : path;
}

/** Nothing depends on when, or whether, a directory that was only read is closed. */
function closeLater(directory: DiskFile): void {
  directory.close().catch(() => {});
}

/** Waits for all, and only then fails with the first failure that counts: what is gone already needs no removal. */
async function allDone(removals: Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(removals)) {
    if (outcome.status === "rejected" && osErrorCode(outcome.reason) !== "ENOENT") throw outcome.reason;
  }
}
