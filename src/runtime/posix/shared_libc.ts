import { osErrorCode } from "../../native/os_errors.ts";
import { Descriptors } from "./descriptors.ts";
import type { Libc } from "./libc.ts";

/** The C library of one program: opened by whoever needs it first, since an idle server can do without. */
export class SharedLibc {
  readonly #open: () => Libc;
  readonly #mayOpen: () => boolean;
  #opened: { libc: Libc; descriptors: Descriptors } | { reason: unknown } | undefined;

  /**
   * @param open throws where there is no way to it
   * @param mayOpen whether it is worth trying
   */
  constructor(open: () => Libc, mayOpen: () => boolean = () => true) {
    this.#open = open;
    this.#mayOpen = mayOpen;
  }

  /** Whether somebody needed it, and there is a way to it. */
  get isOpen(): boolean {
    return this.#opened !== undefined && "libc" in this.#opened;
  }

  /** Whether there is a way to it: as was found, or before anybody needed it, as is to be expected. */
  readonly isThere = (): boolean => this.#opened ? this.isOpen : this.#mayOpen();

  /** @throws {Error} that says why there is no way to it; then, and only then, it never will be there */
  readonly open = (): Libc => {
    this.#opened ??= this.#tryOpen();
    if ("reason" in this.#opened) throw this.#opened.reason;
    return this.#opened.libc;
  };

  /** The descriptors of this program; undefined where they cannot be counted. */
  readonly descriptors = (): Descriptors | undefined => {
    try {
      this.open();
    } catch {
      return undefined;
    }
    return this.#opened && "libc" in this.#opened ? this.#opened.descriptors : undefined;
  };

  #tryOpen(): { libc: Libc; descriptors: Descriptors } | { reason: unknown } {
    try {
      const libc = this.#open();
      return { libc, descriptors: new Descriptors(libc) };
    } catch (reason) {
      // Where descriptors have run out for now, a later try may find some.
      if (isExhausted((reason as Error).cause)) throw (reason as Error).cause;
      return { reason };
    }
  }
}

/** Whether descriptors, threads or memory have run out, which passes. */
export function isExhausted(error: unknown): boolean {
  return ["EMFILE", "ENFILE", "EAGAIN", "ENOMEM"].includes(osErrorCode(error) ?? "");
}
