import { closeSync, constants, fstatSync, openSync, readlinkSync, type Stats } from "node:fs";
import { mountTable } from "../../host/mount_table.ts";
import type { Disk } from "../disk.ts";
import { join, parentOf } from "../paths.ts";
import { descriptorPath, O_PATH } from "../platform.ts";

/** Something that was reached and is held by a descriptor, so that nobody can put something else in its place. */
export class HeldPlace implements Disposable {
  /** Where it was when it was reached. No link is on the way there. */
  readonly path: string;
  readonly descriptor: number;
  /** That of a link is the link's own. */
  readonly stats: Stats;
  readonly #close: () => void;

  private constructor(path: string, descriptor: number, stats: Stats, close: () => void) {
    this.path = path;
    this.descriptor = descriptor;
    this.stats = stats;
    this.#close = close;
  }

  /**
   * Holds what is at a path, and if that is a link, the link.
   *
   * @param way what leads there: no link may be on it
   * @param path where it is
   */
  static async hold(disk: Disk, way: string, path: string): Promise<HeldPlace> {
    if (!isAtHand(path)) return await this.#holdInTime(disk, way, path);
    const descriptor = openSync(way, flags);
    try {
      return new HeldPlace(path, descriptor, fstatSync(descriptor), () => closeSync(descriptor));
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  /**
   * Holds the directory at a path in one step, unless a link is on the way there: then where it was opened is not where the
   * path says. Undefined then, and for anything else that stands against it.
   */
  static jump(path: string): HeldPlace | undefined {
    // A link may lead to where no answer comes from.
    if (!path.isWellFormed() || mountTable.remote.size > 0) return undefined;
    let descriptor: number | undefined;
    try {
      const opened = descriptor = openSync(path, flags | constants.O_DIRECTORY);
      if (readlinkSync(descriptorPath(opened)) === path) {
        const held = new HeldPlace(path, opened, fstatSync(opened), () => closeSync(opened));
        descriptor = undefined;
        return held;
      }
    } catch {
      // Whoever goes step by step finds out why.
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
    return undefined;
  }

  static async #holdInTime(disk: Disk, way: string, path: string): Promise<HeldPlace> {
    const file = await disk.open(way, flags);
    // A place in the tree has nothing to be written out: its end waits for nobody.
    const close = () => void file.close().catch(() => {});
    try {
      return new HeldPlace(path, file.fd, await file.stat(), close);
    } catch (error) {
      close();
      throw error;
    }
  }

  /** A path that leads to it for as long as it is held. */
  get way(): string {
    return descriptorPath(this.descriptor);
  }

  /** A path that leads to a name in it for as long as it is held. */
  wayTo(name: string): string {
    return join(this.way, name);
  }

  [Symbol.dispose](): void {
    this.#close();
  }
}

const flags = O_PATH | constants.O_NOFOLLOW;

/** Whether a look at it waits for nobody, and its name is text. */
function isAtHand(path: string): boolean {
  if (!path.isWellFormed()) return false;
  const { remote } = mountTable;
  if (remote.size === 0) return true;
  for (let at: string | undefined = path; at !== undefined; at = parentOf(at)) {
    if (remote.has(at)) return false;
  }
  return true;
}
