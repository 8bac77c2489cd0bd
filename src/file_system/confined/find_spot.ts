import { isAbsolute } from "node:path";
import { setImmediate } from "node:timers/promises";
import { LINKS_FOLLOWED, WAY_STEPS, WAY_STEPS_AT_ONCE } from "../../limits.ts";
import { osErrorCode } from "../../native/os_errors.ts";
import type { Disk } from "../disk.ts";
import { systemError } from "../failures.ts";
import { join, parentOf, splitPath } from "../paths.ts";
import { HeldPlace } from "./held_place.ts";
import { isLeftByStranger } from "./shared_folder.ts";
import { Spot } from "./spot.ts";
import type { FileSight } from "../../host/file_sight.ts";
import { mayEnter, type View } from "./view.ts";

/** What a path's last name stands for where it is a link: what it leads to, or the link itself. */
export type LastLink = "follow" | "keep";

/** What a way is gone with. */
export interface WayOptions {
  /** This machine's files. */
  readonly disk: Disk;
  readonly view: View;
  readonly lastLink: LastLink;
  /** Whether what stands for things that must not be made is there; nothing is there otherwise. */
  readonly showsPlaceholders: boolean;
}

/**
 * Goes to a path as somebody would for whom there is only the view.
 *
 * Each name is opened in the directory before it, which is held, and never through a link: what a link says is gone as
 * text, name by name. So what is decided about is what is held, whoever swaps names meanwhile; and the links of `/proc`
 * that lead past all names have no power here.
 *
 * @param start where it begins: it is closed
 * @param path what follows from there
 * @throws {Error} the operating system's: ENOENT for a name on the way that is not there, EACCES for what may not be
 *   entered, ENOTDIR, ELOOP. That the last name is missing is no error.
 */
export async function findSpot(start: HeldPlace, path: string, options: WayOptions): Promise<Spot> {
  const way = new Way(options);
  try {
    return await way.go(start, path);
  } finally {
    way[Symbol.dispose]();
  }
}

class Way implements Disposable {
  readonly #options: WayOptions;
  #at: HeldPlace | undefined;
  #left: string[] = [];
  #links = 0;

  constructor(options: WayOptions) {
    this.#options = options;
  }

  async go(start: HeldPlace, path: string): Promise<Spot> {
    this.#move(start);
    this.#left = splitPath(path).names.reverse();
    this.#jump();
    for (let steps = 1; steps < WAY_STEPS; steps++) {
      if (steps % WAY_STEPS_AT_ONCE === 0) await setImmediate();
      const name = this.#left.pop();
      if (name === undefined) return this.#whereItIs();
      if (name === "..") await this.#goUp();
      else if (name !== ".") {
        const spot = await this.#step(name);
        if (spot) return spot;
      }
    }
    throw systemError("ELOOP");
  }

  [Symbol.dispose](): void {
    this.#at?.[Symbol.dispose]();
  }

  /**
   * Goes on to the last name but one at once, where no link is on the way. What can be entered has nothing above it that
   * cannot.
   */
  #jump(): void {
    const [last, ...way] = this.#left;
    if (last === undefined || way.length < 2 || this.#at!.path !== "/") return;
    const parent = "/" + way.reverse().join("/");
    const sight = this.#options.view.at(parent);
    if (!mayEnter(sight) || isPlaceholder(sight)) return;
    const held = HeldPlace.jump(parent);
    if (!held) return;
    this.#move(held);
    this.#left = [last];
  }

  /** Goes on by one name; the spot, where that is the end. */
  async #step(name: string): Promise<Spot | undefined> {
    const { view, lastLink } = this.#options;
    const at = this.#at!;
    const around = view.at(at.path);
    if (!at.stats.isDirectory()) throw systemError("ENOTDIR");
    if (!mayEnter(around)) throw systemError("EACCES");
    const path = join(at.path, name);
    const sight = view.at(path);
    const found = await this.#find(at, name, path, sight);
    if (!found) return await this.#endWithout(name, path, sight);
    if (found.stats.isSymbolicLink() && !(this.#isLast && lastLink === "keep")) {
      found[Symbol.dispose]();
      if (isLeftByStranger(found.stats, at.stats)) throw systemError("EACCES");
      await this.#follow(at, name);
      return undefined;
    }
    if (this.#isLast) {
      this.#at = undefined;
      const isParentWritable = around === "writable";
      return new Spot({ path, sight, parent: at, isParentWritable, name, found });
    }
    this.#move(found);
    return undefined;
  }

  get #isLast(): boolean {
    return this.#left.length === 0;
  }

  async #find(at: HeldPlace, name: string, path: string, sight: FileSight): Promise<HeldPlace | undefined> {
    if (isPlaceholder(sight) || (sight === "nothing" && !this.#options.view.showsLink(path))) {
      return undefined;
    }
    try {
      return await HeldPlace.hold(this.#options.disk, at.wayTo(name), path);
    } catch (error) {
      if (osErrorCode(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  /** The end of the way at a name that is not really there; undefined where it goes on in what stands for it. */
  async #endWithout(name: string, path: string, sight: FileSight): Promise<Spot | undefined> {
    const { disk, view, showsPlaceholders } = this.#options;
    const shown = isPlaceholder(sight) && !showsPlaceholders ? "nothing" : sight;
    const parent = this.#at!;
    if (this.#isLast) {
      this.#at = undefined;
      const isParentWritable = view.at(parent.path) === "writable";
      return new Spot({ path, sight: shown, parent, isParentWritable, name, found: undefined });
    }
    if (shown === "emptyFile") throw systemError("ENOTDIR");
    if (shown !== "emptyDirectory") throw systemError("ENOENT");
    // Nothing is in it, whatever its descriptor leads to.
    this.#move(await HeldPlace.hold(disk, parent.wayTo("."), path));
    return undefined;
  }

  /** The end of a way that ends in no name: the root, or what `..` led to. */
  #whereItIs(): Spot {
    const found = this.#at!;
    this.#at = undefined;
    const { path } = found;
    const sight = this.#options.view.at(path);
    return new Spot({ path, sight, parent: undefined, isParentWritable: false, name: "", found });
  }

  async #follow(at: HeldPlace, name: string): Promise<void> {
    if (++this.#links > LINKS_FOLLOWED) throw systemError("ELOOP");
    const target = await this.#targetOf(at.wayTo(name));
    if (target === undefined) {
      // It is a link no more: the name is gone to again.
      this.#left.push(name);
      return;
    }
    this.#left.push(...target.split("/").filter((part) => part !== "").reverse());
    if (isAbsolute(target)) await this.#moveToRoot();
  }

  async #targetOf(way: string): Promise<string | undefined> {
    try {
      return await this.#options.disk.readlink(way);
    } catch (error) {
      if (osErrorCode(error) === "EINVAL") return undefined;
      throw error;
    }
  }

  /** By the path: what is above by its descriptor may be elsewhere by now. Those that follow each other go at once. */
  async #goUp(): Promise<void> {
    let up = parentOf(this.#at!.path) ?? "/";
    while (this.#left.at(-1) === "..") {
      this.#left.pop();
      up = parentOf(up) ?? "/";
    }
    this.#left.push(...splitPath(up).names.reverse());
    await this.#moveToRoot();
  }

  async #moveToRoot(): Promise<void> {
    this.#move(await HeldPlace.hold(this.#options.disk, "/", "/"));
    this.#jump();
  }

  #move(place: HeldPlace): void {
    this.#at?.[Symbol.dispose]();
    this.#at = place;
  }
}

function isPlaceholder(sight: FileSight): boolean {
  return sight === "emptyDirectory" || sight === "emptyFile";
}
