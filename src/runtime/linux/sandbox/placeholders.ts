/**
 * What is missing and may not be made needs something in its place that can be mounted on: a real file or directory, for
 * everybody to see. Each is made when the first confined process needs it, and removed after the last one.
 */
import { closeSync, lstatSync, mkdirSync, openSync, rmdirSync, unlinkSync } from "node:fs";
import type { PathSet } from "../../../host/child_process.ts";
import { type Mount, NotConfinedError } from "../../../host/confinement.ts";
import type { OtherPlaceholders, Placeholder, PlaceholderJournal } from "./placeholder_journal.ts";

interface Used extends Placeholder {
  identity: string;
  /** By how many processes of this server. */
  count: number;
}

/** Placeholders that a process uses. */
export interface HeldPlaceholders {
  /** The mounts that can be made. */
  readonly mounts: readonly Mount[];
  /** Removes those that nobody else uses. */
  release(): Promise<void>;
}

/** Where this directory cannot be written to, nobody can make anything in it either. */
const harmless = ["EACCES", "EROFS", "EPERM"];

export class Placeholders {
  readonly #journal: PlaceholderJournal;
  readonly #used = new Map<string, Used>();
  /** One change after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(journal: PlaceholderJournal) {
    this.#journal = journal;
  }

  /** The paths of those that any server of this user uses, or has left behind: of this one, at any moment. */
  paths(): PathSet {
    const others = new Set(this.#journal.all().map(({ path }) => path));
    return { has: (path) => this.#used.has(path) || others.has(path) };
  }

  /**
   * Makes what mounts need, or uses what is there.
   *
   * @throws {NotConfinedError} where that cannot be done, and where a mount is of another's placeholder
   */
  hold(mounts: readonly Mount[]): Promise<HeldPlaceholders> {
    const placeholders = this.paths();
    // Taken for what a user has, it would go with the processes of others.
    const mistaken = mounts.find(({ kind, path }) => !kind.startsWith("empty") && placeholders.has(path));
    if (mistaken) {
      const reason = `${mistaken.path} stands there for another process`;
      return Promise.reject(new NotConfinedError(reason, "ask again", { isStale: true }));
    }
    const wanted = mounts.flatMap(({ kind, path }) =>
      kind === "emptyFile" || kind === "emptyDirectory" ? [{ kind, path, identity: "" }] : []
    );
    if (wanted.length === 0) return Promise.resolve({ mounts, release: () => Promise.resolve() });
    return this.#inTurn(async () => {
      // Somebody may have removed one that is used.
      const fresh = wanted.filter(({ path }) => !this.#used.has(path) || identityOf(path) === undefined);
      const impossible = fresh.length > 0 ? await this.#journal.alone(() => this.#make(fresh)) : undefined;
      const held = wanted.flatMap(({ path }) => this.#used.get(path) ?? []);
      for (const placeholder of held) placeholder.count++;
      return {
        mounts: impossible ? mounts.filter(({ path }) => !impossible.has(path)) : mounts,
        release: () => this.#inTurn(() => this.#release(held)),
      };
    });
  }

  /** Removes what servers have left behind that have ended otherwise than they should. */
  sweep(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#journal.isThere) return;
      await this.#journal.alone(() => {
        this.#takeLeft(new Set()).forgetLeft();
        this.#journal.tidy();
      });
    });
  }

  /** @returns paths where nothing can be made, by anybody */
  #make(wanted: readonly Placeholder[]): Set<string> {
    const others = this.#takeLeft(new Set(wanted.map(({ path }) => path)));
    const known = Map.groupBy([...others.used, ...others.left], ({ path }) => path);
    const impossible = new Set<string>();
    // Written down first: what is made by then is removed, however this goes on.
    this.#journal.write([...this.#used.values(), ...wanted]);
    others.forgetLeft();
    try {
      for (const { kind, path } of wanted) {
        const made = make(kind, path);
        const identity = identityOf(path);
        if (made === undefined || identity === undefined) impossible.add(path);
        // One that is there and is nobody's placeholder is a user's, made just now: it is covered, and stays.
        else if (made || known.get(path)?.some((one) => isSame(one, identity))) {
          this.#use({ kind, path, identity });
        }
      }
    } finally {
      this.#journal.write([...this.#used.values()]);
    }
    return impossible;
  }

  #use(placeholder: Placeholder): void {
    const used = this.#used.get(placeholder.path);
    if (used) used.identity = placeholder.identity;
    else this.#used.set(placeholder.path, { ...placeholder, count: 0 });
  }

  /** What others use. What is left, and neither used by anybody nor wanted, is removed. */
  #takeLeft(wanted: ReadonlySet<string>): OtherPlaceholders {
    const others = this.#journal.others();
    const used = new Set(others.used.map(({ path }) => path));
    for (const placeholder of others.left) {
      const { path } = placeholder;
      if (!used.has(path) && !this.#used.has(path) && !wanted.has(path)) remove(placeholder);
    }
    return others;
  }

  async #release(held: readonly Used[]): Promise<void> {
    for (const placeholder of held) placeholder.count--;
    const unused = held.filter(({ path, count }) => count === 0 && this.#used.has(path));
    if (unused.length === 0) return;
    await this.#journal.alone(() => {
      const { used, forgetLeft } = this.#takeLeft(new Set());
      forgetLeft();
      const others = new Set(used.map(({ path }) => path));
      for (const placeholder of unused) {
        if (!others.has(placeholder.path)) remove(placeholder);
        this.#used.delete(placeholder.path);
      }
      this.#journal.write([...this.#used.values()]);
    });
  }

  #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(change);
    this.#last = result.catch(() => {});
    return result;
  }
}

/** Whether it was made: false where something is there, undefined where nobody could. */
function make(kind: Placeholder["kind"], path: string): boolean | undefined {
  try {
    if (kind === "emptyDirectory") mkdirSync(path, { mode: 0o555 });
    else closeSync(openSync(path, "wx", 0o444));
    return true;
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (harmless.includes(code)) return undefined;
    throw new NotConfinedError(`nothing can stand in the place of ${path}: ${message}`, "make it yourself", {
      cause: error,
    });
  }
}

/** Only what it was when it was made, and what is still empty. */
function remove(placeholder: Placeholder): void {
  const { path, kind } = placeholder;
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found || !isSame(placeholder, identity(found))) return;
  try {
    if (kind === "emptyDirectory") rmdirSync(path);
    else if (found.isFile() && found.size === 0) unlinkSync(path);
  } catch {
    // It is used by somebody, or is not to be removed any more.
  }
}

/** One of which it is not known is what stands there. */
function isSame(placeholder: Placeholder, identity: string): boolean {
  return placeholder.identity === "" || placeholder.identity === identity;
}

function identityOf(path: string): string | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found && identity(found);
}

/**
 * The number alone may be that of another, made since. Of a millisecond not every runtime tells the parts, and a server on
 * one removes what is left of a server on another.
 */
export function identity({ ino, mtimeMs }: { ino: number; mtimeMs: number }): string {
  return `${ino} ${Math.floor(mtimeMs)}`;
}
