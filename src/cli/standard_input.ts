import process from "node:process";

/**
 * This program's standard input. What comes from elsewhere than a terminal is read from the beginning: a program that
 * shares it with its caller, as in a loop over lines, takes what is there every time, and not as it happens.
 */
export class StandardInput implements Disposable {
  readonly #chunks = process.stdin[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  #first: Promise<IteratorResult<Uint8Array>> | undefined;

  constructor() {
    if (this.isTerminal) return;
    this.#first = this.#chunks.next();
    this.#first.catch(() => {}); // Whoever asks for it is told.
  }

  get isTerminal(): boolean {
    return process.stdin.isTTY;
  }

  /** The next bytes, or the end. */
  next(): Promise<IteratorResult<Uint8Array>> {
    const first = this.#first ?? this.#chunks.next();
    this.#first = undefined;
    return first;
  }

  /** Reads no more, so that the program can end. Idempotent. */
  [Symbol.dispose](): void {
    process.stdin.destroy();
  }
}
