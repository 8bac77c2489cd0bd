import { CLIENT_WRITE_BYTES, CLIENT_WRITES, CLIENT_WRITES_BYTES } from "../../limits.ts";
import type { WriteStatus } from "../exec_backend.ts";
import type { AlikeClient } from "./alike_client.ts";
import { KeyboardTakenError } from "../keyboard_taken_error.ts";

/** Bytes on their way, of which the first part is sent. */
interface Write {
  readonly bytes: Uint8Array;
  sentBytes: number;
  unanswered: number;
  readonly settled: { resolve(status: WriteStatus): void; reject(error: unknown): void };
}

/**
 * The way into a process of a server: writes in order, in parts. Several are unanswered at once where the server says
 * that it keeps their order; any other may serve two at once, and swap them.
 */
export class RemoteWrites {
  readonly #client: Pick<AlikeClient, "call" | "can">;
  readonly #processId: string;
  /** What is said of where they go; nothing of stdin. */
  readonly #place: { readonly fd?: number };
  readonly #limit: number;
  /** Writes of which something is still to be sent. */
  readonly #line: Write[] = [];
  #number = 0;
  #unanswered = 0;
  #unansweredBytes = 0;
  #all: Promise<unknown> = Promise.resolve();

  /** @param fd the descriptor that they go to; stdin by default */
  constructor(client: Pick<AlikeClient, "call" | "can">, processId: string, fd?: number) {
    this.#client = client;
    this.#processId = processId;
    this.#place = fd === undefined ? {} : { fd };
    this.#limit = client.can("processWriteOrder") ? CLIENT_WRITES : 1;
  }

  /**
   * Resolves when the server has taken all of it, or says why it takes no more.
   *
   * @throws {KeyboardTakenError} while somebody else has the keyboard
   */
  write(bytes: Uint8Array): Promise<WriteStatus> {
    // Node 20, which the library is for too, has no `Promise.withResolvers`.
    const promise = new Promise<WriteStatus>((resolve, reject) => {
      this.#line.push({ bytes, sentBytes: 0, unanswered: 0, settled: { resolve, reject } });
    });
    const before = this.#all;
    this.#all = promise.then(() => before, () => before);
    this.#sendOn();
    return promise;
  }

  /** Resolves when everything that was written before has been answered. */
  get done(): Promise<unknown> {
    return this.#all;
  }

  #sendOn(): void {
    while (this.#unanswered < this.#limit && this.#unansweredBytes < CLIENT_WRITES_BYTES) {
      const write = this.#line[0];
      if (!write) return;
      const at = write.sentBytes;
      const part = write.bytes.subarray(at, at + CLIENT_WRITE_BYTES);
      write.sentBytes += part.length;
      if (write.sentBytes === write.bytes.length) this.#line.shift();
      void this.#send(write, at, part);
    }
  }

  async #send(write: Write, at: number, part: Uint8Array): Promise<void> {
    this.#unanswered++;
    this.#unansweredBytes += part.length;
    write.unanswered++;
    try {
      const { status, keyboard } = await this.#client.call("process/write", {
        processId: this.#processId,
        chunk: part,
        writeId: String(++this.#number),
        ...this.#place,
      });
      if (keyboard === "viewer") throw new KeyboardTakenError(this.#processId, at);
      write.unanswered--;
      const isWhole = write.sentBytes === write.bytes.length && write.unanswered === 0;
      if (status !== "accepted" || isWhole) this.#end(write, () => write.settled.resolve(status));
    } catch (error) {
      this.#end(write, () => write.settled.reject(error));
    }
    this.#unanswered--;
    this.#unansweredBytes -= part.length;
    this.#sendOn();
  }

  /** Nothing more of it is sent: what would follow a part that was not taken is no longer what was meant. */
  #end(write: Write, settle: () => void): void {
    const at = this.#line.indexOf(write);
    if (at >= 0) this.#line.splice(at, 1);
    settle();
  }
}
