import type { ListedProcess, SharedProcess } from "../machine/shared_process.ts";
import { DetachKeys } from "./detach_keys.ts";
import { StandardInput } from "./standard_input.ts";

/** What is typed here on its way to a process that one is attached to. */
export class AttachedKeys implements Disposable {
  /** Resolves when the keys have come that leave the process. */
  readonly left: Promise<void>;
  /** Told what is typed, as it comes. */
  onKeys: ((keys: Uint8Array) => void) | undefined;
  /** Takes out of what a terminal sends what is meant for this program. */
  filterKeys: ((keys: Uint8Array) => Uint8Array) | undefined;
  readonly #left = Promise.withResolvers<void>();
  readonly #input = new StandardInput();
  readonly #process: SharedProcess;
  readonly #owner: string;
  readonly #keys: DetachKeys;
  readonly #warn: (text: string) => void;
  #hasTold = false;
  #hasTyped = false;

  /** @param warn tells the user something in one line */
  constructor(
    process: SharedProcess,
    { owner }: ListedProcess,
    keys: Uint8Array,
    warn: (text: string) => void,
  ) {
    this.#process = process;
    this.#owner = owner?.client ?? "somebody else";
    this.#keys = new DetachKeys(keys);
    this.#warn = warn;
    this.left = this.#left.promise;
  }

  /** Passes everything on while the keyboard is here. */
  async forward(): Promise<void> {
    try {
      for (;;) {
        const { value, done } = await this.#input.next();
        if (done) return await this.#end();
        if (this.#input.isTerminal) this.onKeys?.(value);
        const { typed, found } = this.#input.isTerminal
          ? this.#keys.push(this.filterKeys?.(value) ?? value)
          : { typed: value, found: false };
        if (typed.length > 0) this.#pass(typed);
        if (found) return this.#left.resolve();
      }
    } catch {
      // The terminal is gone, or reading has ended with the program's work.
    }
  }

  [Symbol.dispose](): void {
    this.#input[Symbol.dispose]();
  }

  /** Nothing waits for the write: the keys that leave must be read meanwhile. Writes keep their order. */
  #pass(bytes: Uint8Array): void {
    if (this.#process.keyboard !== "you") return this.#tellOnce();
    this.#hasTyped = true;
    this.#process.write(bytes).catch((error) => this.#warn((error as Error).message));
  }

  /** Keys are not swallowed without a word. */
  #tellOnce(): void {
    if (this.#hasTold) return;
    this.#hasTold = true;
    const remedy = this.#process.role === "view" ? "attach without --read-only" : "attach --take takes it";
    this.#warn(`the keyboard is with ${this.#owner}; ${remedy}`);
  }

  /** The end of what is piped in is the end of the process's input, where anything was: not that of `/dev/null`. */
  async #end(): Promise<void> {
    if (this.#hasTyped && !this.#input.isTerminal) await this.#process.closeStdin();
  }
}
