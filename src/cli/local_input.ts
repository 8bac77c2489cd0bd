import { delay } from "../std/async/delay.ts";
import type { ExecServerClient } from "../client/client.ts";
import { RUN_FIRST_INPUT_MS, RUN_GRACE_MS } from "../limits.ts";
import type { ExecProcess, WriteStatus } from "../machine/exec_backend.ts";
import { KeyboardTakenError } from "../machine/keyboard_taken_error.ts";
import { InputWrites } from "./input_writes.ts";
import type { StandardInput } from "./standard_input.ts";

/** This program's standard input on its way to a process, with its end. */
export class LocalInput implements Disposable {
  readonly #client: ExecServerClient;
  readonly #warn: (text: string) => void;
  readonly #input: StandardInput;
  /** Told what a terminal sends, as it comes. */
  onKeys: ((keys: Uint8Array) => void) | undefined;
  /** Takes out of what a terminal sends what is meant for this program. */
  filterKeys: ((keys: Uint8Array) => Uint8Array) | undefined;
  #next: Promise<IteratorResult<Uint8Array>> | undefined;
  #warning: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  /** @param warn tells the user something in one line */
  constructor(
    client: ExecServerClient,
    input: StandardInput,
    warn: (text: string) => void,
  ) {
    this.#client = client;
    this.#warn = warn;
    this.#input = input;
  }

  /**
   * Whether the process needs a stdin to write to. A server that cannot be told the end of input is given none when
   * there is no input, so that the process is not left waiting. Input that may yet come is not waited for: whoever
   * started this program may keep its stdin open for ever.
   */
  async isNeeded(): Promise<boolean> {
    if (this.#client.can("processCloseStdin") || this.#input.isTerminal) return true;
    this.#next = this.#read();
    const known = await Promise.race([this.#next, delay(RUN_FIRST_INPUT_MS)]);
    return !known?.done;
  }

  /** Passes everything on, a few writes ahead of their answers. */
  async forward(process: ExecProcess): Promise<void> {
    const writes = new InputWrites((bytes) => this.#write(process, bytes));
    try {
      for (;;) {
        const { value, done } = await (this.#next ?? this.#read());
        this.#next = undefined;
        if (done) break;
        const bytes = this.#input.isTerminal ? this.#keys(value) : value;
        if (bytes.length === 0) continue;
        if (!await writes.push(bytes)) return;
      }
      if (await writes.end()) await this.#end(process);
    } catch {
      // The process or the connection is gone, which the events tell.
    }
  }

  /** Reads no more, so that the program can end. */
  [Symbol.dispose](): void {
    this.#stopped = true;
    clearTimeout(this.#warning);
    this.#input[Symbol.dispose]();
  }

  #keys(keys: Uint8Array): Uint8Array {
    this.onKeys?.(keys);
    return this.filterKeys?.(keys) ?? keys;
  }

  /** The next bytes. What cannot be read, such as a directory, has no more of them. */
  async #read(): Promise<IteratorResult<Uint8Array>> {
    try {
      return await this.#input.next();
    } catch (error) {
      if (!this.#stopped) this.#warn(`Cannot read standard input: ${(error as Error).message}`);
      return { done: true, value: undefined };
    }
  }

  async #end(process: ExecProcess): Promise<void> {
    if (this.#client.can("processCloseStdin")) {
      await process.closeStdin();
    } else if (!this.#stopped) {
      this.#warning = setTimeout(() => {
        this.#warn(
          "This server cannot tell a command that its input has ended; one that reads to the end goes on",
        );
      }, RUN_GRACE_MS);
    }
  }

  /** What is typed while somebody else has the keyboard goes nowhere; what comes later is passed on. */
  async #write(process: ExecProcess, bytes: Uint8Array): Promise<WriteStatus> {
    try {
      return await process.write(bytes);
    } catch (error) {
      if (this.#input.isTerminal && error instanceof KeyboardTakenError) return "accepted";
      throw error;
    }
  }
}
