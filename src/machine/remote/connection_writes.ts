import { concat } from "../../std/bytes/concat.ts";
import { TCP_OWN_BYTES, TCP_PIECE_BYTES, TCP_PIECES, TCP_SHARED_BYTES } from "../../limits.ts";
import { refusedError } from "../machine_error.ts";
import type { AlikeClient } from "./alike_client.ts";

/** What all connections of a client may have unanswered beyond what is each one's own. */
export interface SharedRoom {
  bytes: number;
}

export function sharedRoom(): SharedRoom {
  return { bytes: TCP_SHARED_BYTES };
}

/**
 * The way into a connection of a server: bytes in order, some of them unanswered at a time. What comes while that is so is
 * put together, so that many little pieces become few.
 */
export class ConnectionWrites {
  readonly #client: Pick<AlikeClient, "call">;
  readonly #processId: string;
  readonly #room: SharedRoom;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #unanswered = 0;
  #unansweredBytes = 0;
  #number = 0;
  #failure: { readonly error: unknown } | undefined;
  /** Called whenever something was sent, answered or failed. */
  #changed: (() => void)[] = [];

  constructor(client: Pick<AlikeClient, "call">, processId: string, room: SharedRoom) {
    this.#client = client;
    this.#processId = processId;
    this.#room = room;
  }

  /** Resolves when there is room for more. Throws where what came before did not get through. */
  write(bytes: Uint8Array): Promise<void> | void {
    this.#check();
    if (bytes.length === 0) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#sendOn();
    if (this.#waitingBytes >= TCP_OWN_BYTES) return this.#until(() => this.#waitingBytes < TCP_OWN_BYTES);
  }

  /** Resolves when everything has been answered. Throws where something did not get through. */
  async done(): Promise<void> {
    await this.#until(() => this.#waitingBytes === 0 && this.#unanswered === 0);
  }

  /** Sends nothing more. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#waiting.length = this.#waitingBytes = 0;
    this.#tell();
  }

  #sendOn(): void {
    while (this.#waitingBytes > 0 && this.#unanswered < TCP_PIECES && !this.#failure) {
      const shared = this.#unansweredBytes >= TCP_OWN_BYTES;
      const room = shared ? this.#room.bytes : Math.max(TCP_OWN_BYTES, this.#room.bytes);
      if (room < Math.min(this.#waitingBytes, TCP_OWN_BYTES)) return;
      const piece = this.#take(Math.min(room, TCP_PIECE_BYTES));
      const own = Math.max(0, Math.min(piece.length, TCP_OWN_BYTES - this.#unansweredBytes));
      void this.#send(piece, piece.length - own);
    }
  }

  /** @param sharedBytes of the room of all */
  async #send(chunk: Uint8Array, sharedBytes: number): Promise<void> {
    this.#room.bytes -= sharedBytes;
    this.#unanswered++;
    this.#unansweredBytes += chunk.length;
    try {
      const write = { processId: this.#processId, chunk, writeId: String(++this.#number) };
      const { status } = await this.#client.call("process/write", write);
      if (status !== "accepted") this.fail(refusedError("the connection takes nothing more"));
    } catch (error) {
      this.fail(error);
    }
    this.#room.bytes += sharedBytes;
    this.#unanswered--;
    this.#unansweredBytes -= chunk.length;
    this.#sendOn();
    this.#tell();
  }

  #take(maxBytes: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    while (bytes < maxBytes && this.#waiting.length > 0) {
      const next = this.#waiting[0]!;
      const part = next.subarray(0, maxBytes - bytes);
      if (part.length === next.length) this.#waiting.shift();
      else this.#waiting[0] = next.subarray(part.length);
      parts.push(part);
      bytes += part.length;
    }
    this.#waitingBytes -= bytes;
    return parts.length === 1 ? parts[0]! : concat(parts);
  }

  async #until(isSo: () => boolean): Promise<void> {
    for (;;) {
      this.#check();
      if (isSo()) return;
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
  }

  #check(): void {
    if (this.#failure) throw this.#failure.error;
  }

  #tell(): void {
    for (const resolve of this.#changed.splice(0)) resolve();
  }
}
