import { delay } from "../std/async/delay.ts";
import type { ExecServerClient } from "../client/client.ts";
import { RUN_FIRST_INPUT_MS, RUN_GRACE_MS, RUN_STDIN_CHUNK_BYTES } from "../limits.ts";
import { encodeBase64 } from "../protocol/base64.ts";
import type { ProcessId } from "../protocol/ids.ts";
import type { StandardInput } from "./standard_input.ts";

/** This program's standard input on its way to a process, with its end. */
export class LocalInput implements Disposable {
  readonly #client: ExecServerClient;
  readonly #processId: ProcessId;
  readonly #warn: (text: string) => void;
  readonly #input: StandardInput;
  #next: Promise<IteratorResult<Uint8Array>> | undefined;
  #writes = 0;
  #warning: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  /** @param warn tells the user something in one line */
  constructor(
    client: ExecServerClient,
    processId: string,
    input: StandardInput,
    warn: (text: string) => void,
  ) {
    this.#client = client;
    this.#warn = warn;
    this.#processId = processId as ProcessId;
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

  /** Passes everything on, each write when the one before was accepted. */
  async forward(): Promise<void> {
    try {
      for (;;) {
        const { value, done } = await (this.#next ?? this.#read());
        this.#next = undefined;
        if (done) break;
        if (!await this.#write(value)) return;
      }
      await this.#end();
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

  /** The next bytes. What cannot be read, such as a directory, has no more of them. */
  async #read(): Promise<IteratorResult<Uint8Array>> {
    try {
      return await this.#input.next();
    } catch (error) {
      if (!this.#stopped) this.#warn(`Cannot read standard input: ${(error as Error).message}`);
      return { done: true, value: undefined };
    }
  }

  async #end(): Promise<void> {
    if (this.#client.can("processCloseStdin")) {
      await this.#client.call("process/closeStdin", { processId: this.#processId });
    } else if (!this.#stopped) {
      this.#warning = setTimeout(() => {
        this.#warn(
          "This server cannot tell a command that its input has ended; one that reads to the end goes on",
        );
      }, RUN_GRACE_MS);
    }
  }

  async #write(bytes: Uint8Array): Promise<boolean> {
    for (let at = 0; at < bytes.length; at += RUN_STDIN_CHUNK_BYTES) {
      const { status } = await this.#client.call("process/write", {
        processId: this.#processId,
        chunk: encodeBase64(bytes.subarray(at, at + RUN_STDIN_CHUNK_BYTES)),
        writeId: String(++this.#writes),
      });
      if (status !== "accepted") return false;
    }
    return true;
  }
}
