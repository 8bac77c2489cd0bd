import type { Stats } from "node:fs";
import { systemError } from "../failures.ts";
import type { HeldPlace } from "./held_place.ts";
import { maskedStats } from "./masked_stats.ts";
import { isLeftByStranger } from "./shared_folder.ts";
import type { FileSight } from "../../host/file_sight.ts";

/** What a spot is made of. */
export interface SpotParts {
  /** Where it is. No link is on the way there. */
  readonly path: string;
  readonly sight: FileSight;
  /** The directory that it is in; undefined for the root. */
  readonly parent: HeldPlace | undefined;
  /** Whether names in that directory may be made and removed. */
  readonly isParentWritable: boolean;
  readonly name: string;
  /** What is really there, if anything is. */
  readonly found: HeldPlace | undefined;
}

/** Where a path led: a name in a directory, and what has it. It holds both. */
export class Spot implements Disposable {
  readonly path: string;
  readonly sight: FileSight;
  readonly found: HeldPlace | undefined;
  readonly #parts: SpotParts;

  constructor(parts: SpotParts) {
    this.path = parts.path;
    this.sight = parts.sight;
    this.found = parts.found;
    this.#parts = parts;
  }

  /** Whether something is there, for who looks from inside. */
  get exists(): boolean {
    return this.found !== undefined || this.isPlaceholder;
  }

  /** Whether what is there stands for something that must not be made. */
  get isPlaceholder(): boolean {
    return this.sight === "emptyDirectory" || this.sight === "emptyFile";
  }

  /** Whether it is a file in a folder of all, of somebody who is not to be trusted. */
  get isLeftByStranger(): boolean {
    const { parent } = this.#parts;
    const isFile = this.found?.stats.isFile() || this.found?.stats.isFIFO();
    return isFile === true && parent !== undefined && isLeftByStranger(this.found!.stats, parent.stats);
  }

  /** @throws {Error} ENOENT */
  get stats(): Stats {
    if (this.found && this.sight !== "shut") return this.found.stats;
    if (this.found) return maskedStats(this.found.stats, this.found.stats.isDirectory());
    const { parent } = this.#parts;
    if (!this.isPlaceholder || !parent) throw systemError("ENOENT");
    return maskedStats(parent.stats, this.sight === "emptyDirectory");
  }

  /**
   * A path that leads to the name, in the directory that is held, to make or remove it.
   *
   * @throws {Error} EROFS
   */
  changeableWay(): string {
    const { parent, isParentWritable, name } = this.#parts;
    if (!parent || !isParentWritable) throw systemError("EROFS");
    return parent.wayTo(name);
  }

  /** A path that leads to the directory that it is in. */
  get parentWay(): string | undefined {
    return this.#parts.parent?.way;
  }

  /** A path that leads to the name, for a link that is to be read. */
  get nameWay(): string | undefined {
    return this.#parts.parent?.wayTo(this.#parts.name);
  }

  [Symbol.dispose](): void {
    this.#parts.parent?.[Symbol.dispose]();
    this.found?.[Symbol.dispose]();
  }
}
