import type { Disk } from "../disk.ts";
import type { DiskFile } from "../disk_file.ts";
import { descriptorPath } from "../platform.ts";
import { HeldPlace } from "./held_place.ts";

/**
 * Where the files are that are open, by their descriptors. Operations go on from what they have open by paths that begin
 * with it; such a path means that place, and for any other descriptor what it says.
 */
export class OpenedPlaces {
  readonly #paths = new Map<number, string>();

  /** Remembers a file until it is closed. */
  add(file: DiskFile, path: string): DiskFile {
    const { fd } = file;
    this.#paths.set(fd, path);
    file.onClose = () => void this.#paths.delete(fd);
    return file;
  }

  /** Where an open file is. */
  of({ fd }: DiskFile): string | undefined {
    return this.#paths.get(fd);
  }

  /** Where that is what a path names by its descriptor and nothing else. */
  at(path: string): string | undefined {
    const { descriptor, rest } = this.#split(path) ?? {};
    return descriptor === undefined || rest !== "" ? undefined : this.#paths.get(descriptor);
  }

  /** What a path begins with, held, and what follows from there. */
  async startOf(disk: Disk, path: string): Promise<{ start: HeldPlace; rest: string }> {
    const { descriptor, rest = "" } = this.#split(path) ?? {};
    const opened = descriptor === undefined ? undefined : this.#paths.get(descriptor);
    if (descriptor === undefined || opened === undefined) {
      return { start: await HeldPlace.hold(disk, "/", "/"), rest: path };
    }
    // What it is in itself, and not the link that the path is.
    return { start: await HeldPlace.hold(disk, `${descriptorPath(descriptor)}/.`, opened), rest };
  }

  #split(path: string): { descriptor: number; rest: string } | undefined {
    const [, number, rest = ""] = /^\/proc\/self\/fd\/(\d+)(\/.*)?$/s.exec(path) ?? [];
    return number === undefined ? undefined : { descriptor: Number(number), rest };
  }
}
