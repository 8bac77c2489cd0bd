import { ANSWER_LOOK_MS, ANSWER_ROOM_MS, LARGE_ANSWER_BYTES, UNREAD_BYTES } from "../limits.ts";
import { invalidRequest } from "../protocol/errors.ts";

/**
 * What the answers of all connections take that are being made, or were made and are not read: a bound for all of them
 * together. Small ones are made in any case.
 */
export class AnswerMemory {
  readonly #unreadBytes: () => number;
  #reservedBytes = 0;

  /** @param unreadBytes counts what all clients together have not taken yet */
  constructor(unreadBytes: () => number) {
    this.#unreadBytes = unreadBytes;
  }

  /**
   * Waits until there is room for an answer of so many bytes.
   *
   * @returns gives the room back, once the answer was sent and so counts as unread, or is not sent after all
   * @throws {RpcError} -32600 when there is none for long
   */
  async reserve(bytes: number, signal: AbortSignal): Promise<() => void> {
    if (bytes < LARGE_ANSWER_BYTES) return () => {};
    const deadline = performance.now() + ANSWER_ROOM_MS;
    while (!this.#hasRoom(bytes)) {
      if (signal.aborted || performance.now() >= deadline) {
        throw invalidRequest(
          "clients have not read so many answers that there is no room for this one; " +
            "a file can be read in parts with fs/open and fs/readBlock",
        );
      }
      // Nobody tells when another client reads.
      await new Promise((resolve) => setTimeout(resolve, ANSWER_LOOK_MS));
    }
    this.#reservedBytes += bytes;
    let isHeld = true;
    return () => {
      if (isHeld) this.#reservedBytes -= bytes;
      isHeld = false;
    };
  }

  /** Whoever is alone may have an answer of any size. */
  #hasRoom(bytes: number): boolean {
    const held = this.#reservedBytes + this.#unreadBytes();
    return held < LARGE_ANSWER_BYTES || held + bytes <= UNREAD_BYTES;
  }
}
