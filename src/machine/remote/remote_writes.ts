import type { ExecServerClient } from "../../client/client.ts";
import { CLIENT_WRITE_BYTES } from "../../limits.ts";
import { encodeBase64 } from "../../protocol/base64.ts";
import { KeyboardTakenError } from "../keyboard_taken_error.ts";
import type { WriteStatus } from "../exec_backend.ts";

/** Writes to one process of a server, each after the one before: a server may serve two at once, and swap them. */
export class RemoteWrites {
  readonly #client: ExecServerClient;
  readonly #processId: string;
  #writes = 0;
  #written: Promise<unknown> = Promise.resolve();

  constructor(client: ExecServerClient, processId: string) {
    this.#client = client;
    this.#processId = processId;
  }

  /** Resolves when everything that was written before has been answered. */
  get done(): Promise<unknown> {
    return this.#written;
  }

  /** @throws {KeyboardTakenError} while somebody else has the keyboard */
  write(bytes: Uint8Array): Promise<WriteStatus> {
    const write = this.#written.then(() => this.#writeParts(bytes));
    this.#written = write.catch(() => {});
    return write;
  }

  async #writeParts(bytes: Uint8Array): Promise<WriteStatus> {
    let at = 0;
    for (;;) {
      const chunk = encodeBase64(bytes.subarray(at, at + CLIENT_WRITE_BYTES));
      const writeId = String(++this.#writes);
      const { status, keyboard } = await this.#client.call("process/write", {
        processId: this.#processId,
        chunk,
        writeId,
      });
      if (keyboard === "viewer") throw new KeyboardTakenError(this.#processId, at);
      at += CLIENT_WRITE_BYTES;
      if (status !== "accepted" || at >= bytes.length) return status;
    }
  }
}
