import { FLOOD_PIPE_BYTES, FLOOD_PIPES } from "../../limits.ts";
import { currentPlatform } from "./platform.ts";

/** `fcntl` of the C library, with a number as its third argument. Negative where it failed. */
export type Fcntl = (descriptor: number, command: number, argument: number) => number;

/** Pipes that are larger than the kernel made them. */
let enlarged = 0;

/** How much the kernel holds of what was written to a pipe and not read yet. */
export class PipeSize {
  readonly #fcntl: Fcntl;
  readonly #descriptor: number;
  #isLarge = false;

  /** @param descriptor one of the pipe's ends */
  constructor(fcntl: Fcntl, descriptor: number) {
    this.#fcntl = fcntl;
    this.#descriptor = descriptor;
  }

  /** Makes it large; false where the kernel cannot, or enough pipes are large. */
  enlarge(): boolean {
    const command = currentPlatform().F_SETPIPE_SZ;
    if (command === undefined || enlarged >= FLOOD_PIPES) return false;
    if (this.#fcntl(this.#descriptor, command, FLOOD_PIPE_BYTES) < 0) return false;
    enlarged++;
    return this.#isLarge = true;
  }

  /** The pipe is closed: another may be large in its place. */
  release(): void {
    if (this.#isLarge) enlarged--;
    this.#isLarge = false;
  }
}
