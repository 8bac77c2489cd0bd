/** What the servers of one user write down of the placeholders that they use. */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { geteuid, pid } from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { PLACEHOLDER_LOCK_LOOK_MS, PLACEHOLDER_LOCK_MS } from "../../../limits.ts";
import { NotConfinedError } from "../../../host/confinement.ts";
import { cString } from "../../posix/c_strings.ts";
import type { Libc } from "../../posix/libc.ts";
import { journalFolder } from "./journal_folder.ts";

/** A file or directory that stands where nothing may be made. */
export interface Placeholder {
  readonly path: string;
  readonly kind: "emptyFile" | "emptyDirectory";
  /** Which one it is: another in its place is not ours. Empty before it is made. */
  readonly identity: string;
}

/** What the journals of others say. */
export interface OtherPlaceholders {
  readonly used: readonly Placeholder[];
  readonly left: readonly Placeholder[];
  /** To be called when what is left is removed, or written down elsewhere. */
  forgetLeft(): void;
}

const [LOCK_EX, LOCK_NB] = [2, 4];

/**
 * The journals, of which each server has one. A server holds a lock on its own for as long as it lives, whatever way it
 * ends; of one that nobody holds a lock on, what it says is left to whoever comes next.
 */
export class PlaceholderJournal {
  readonly #libc: Libc;
  readonly #folder: string;
  readonly #own: string;
  /** The descriptor that holds the lock on the own one, where there is one. */
  #held: number | undefined;

  constructor(libc: Libc, folder: string = journalFolder()) {
    this.#libc = libc;
    this.#folder = folder;
    this.#own = join(folder, `${pid}-${crypto.randomUUID()}`);
  }

  /** Whether any server has one. */
  get isThere(): boolean {
    return lstatSync(this.#folder, { throwIfNoEntry: false }) !== undefined;
  }

  /** What all journals say, of the living and the dead. */
  all(): Placeholder[] {
    return this.#names().flatMap((name) => read(join(this.#folder, name)));
  }

  /**
   * Does something while no other server of this user changes its own.
   *
   * @throws {NotConfinedError} where the folder cannot be had
   */
  async alone<Result>(change: () => Result): Promise<Result> {
    const lock = await this.#lockFolder();
    try {
      return change();
    } finally {
      this.#libc.c.close(lock);
    }
  }

  /** What other servers use, and what is left of those that have ended. */
  others(): OtherPlaceholders {
    const [used, left]: Placeholder[][] = [[], []];
    const ended: string[] = [];
    for (const name of this.#names()) {
      const path = join(this.#folder, name);
      if (path === this.#own) continue;
      const descriptor = this.#open(path);
      const isFree = descriptor >= 0 && this.#libc.c.flock(descriptor, LOCK_EX | LOCK_NB) === 0;
      (isFree ? left! : used!).push(...read(path));
      if (isFree) ended.push(path);
      if (descriptor >= 0) this.#libc.c.close(descriptor);
    }
    return {
      used: used!,
      left: left!,
      forgetLeft: () => {
        for (const path of ended) unlinkSync(path);
      },
    };
  }

  /** Writes the own one. Without anything in it, it goes. */
  write(placeholders: readonly Placeholder[]): void {
    if (placeholders.length > 0) {
      writeFileSync(this.#own, JSON.stringify(placeholders), { mode: 0o600 });
      this.#held ??= this.#lockOwn();
      return;
    }
    if (this.#held === undefined) return;
    unlinkSync(this.#own);
    this.#libc.c.close(this.#held);
    this.#held = undefined;
    this.tidy();
  }

  /** Removes the folder where nobody has a journal in it. */
  tidy(): void {
    try {
      rmdirSync(this.#folder);
    } catch {
      // Others have theirs in it.
    }
  }

  #lockOwn(): number {
    const descriptor = this.#open(this.#own);
    this.#libc.c.flock(descriptor, LOCK_EX | LOCK_NB);
    return descriptor;
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder);
    } catch {
      return [];
    }
  }

  #open(path: string): number {
    return this.#libc.c.open(cString(path), this.#libc.platform.O_CLOEXEC);
  }

  async #lockFolder(): Promise<number> {
    for (let waited = 0; waited < PLACEHOLDER_LOCK_MS; waited += PLACEHOLDER_LOCK_LOOK_MS) {
      const made = makeFolder(this.#folder);
      const descriptor = this.#open(this.#folder);
      if (descriptor >= 0 && this.#libc.c.flock(descriptor, LOCK_EX | LOCK_NB) === 0) {
        // Whoever was the last in it may have removed it meanwhile, and somebody else made another.
        if (lstatSync(this.#folder, { throwIfNoEntry: false })?.ino === made) return descriptor;
      }
      if (descriptor >= 0) this.#libc.c.close(descriptor);
      await pause(PLACEHOLDER_LOCK_LOOK_MS);
    }
    throw new NotConfinedError(`${this.#folder} is locked`, "end the exec-server that does not go on");
  }
}

/** Makes the folder, and answers its inode. */
function makeFolder(folder: string): number {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw new NotConfinedError(
        `what is to be removed later cannot be written down in ${folder}: ${(error as Error).message}`,
        "let the server write to /var/tmp or /tmp",
        { cause: error },
      );
    }
  }
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found && (!found.isDirectory() || found.uid !== geteuid?.() || (found.mode & 0o022) !== 0)) {
    throw new NotConfinedError(`${folder} is not this user's alone`, "remove it");
  }
  return found?.ino ?? 0;
}

/** One that is half written says nothing. */
function read(path: string): Placeholder[] {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return [];
  }
}
