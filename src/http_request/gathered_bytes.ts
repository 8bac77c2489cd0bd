import { concat } from "../std/bytes/concat.ts";
import { GATHERED_BLOCK_BYTES } from "../limits.ts";

/**
 * Bytes put together from pieces of any size. Small ones are copied behind each other: a list of them would hold more
 * than their bytes, and each of them may hold the whole buffer that it was read into.
 */
export class GatheredBytes {
  readonly #full: Uint8Array[] = [];
  #block = new Uint8Array();
  #used = 0;

  add(piece: Uint8Array): void {
    if (piece.length > this.#block.length - this.#used) {
      this.#closeBlock();
      if (piece.length >= GATHERED_BLOCK_BYTES) return void this.#full.push(piece);
      this.#block = new Uint8Array(GATHERED_BLOCK_BYTES);
    }
    this.#block.set(piece, this.#used);
    this.#used += piece.length;
  }

  /** All of them; nothing may be added any more. */
  take(): Uint8Array {
    this.#closeBlock();
    return concat(this.#full.splice(0));
  }

  #closeBlock(): void {
    if (this.#used > 0) this.#full.push(this.#block.subarray(0, this.#used));
    this.#block = new Uint8Array();
    this.#used = 0;
  }
}
