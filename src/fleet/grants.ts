import { FLEET_GRANT_BYTES, FLEET_WINDOW_LEAST_BYTES } from "../limits.ts";

/**
 * What the carriers of one connection to the broker have let their peers send. The broker cuts off whoever leaves more
 * than 64 MB with it, so that all of them together stay below {@linkcode FLEET_GRANT_BYTES}; each may have
 * {@linkcode FLEET_WINDOW_LEAST_BYTES} all the same, or it would stand still.
 */
export class Grants {
  #bytes = 0;

  /** Bytes that are granted and have not come yet. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes what there is for a carrier.
   *
   * @param wanted bytes that it would like to have granted
   * @param held bytes that it has granted already
   * @returns bytes more to grant
   */
  take(wanted: number, held: number): number {
    const least = Math.min(wanted, FLEET_WINDOW_LEAST_BYTES);
    const bytes = Math.max(Math.min(wanted - held, FLEET_GRANT_BYTES - this.#bytes), least - held, 0);
    this.#bytes += bytes;
    return bytes;
  }

  /** Gives back what came, or comes no more. */
  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}
