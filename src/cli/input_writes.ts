import { CLIENT_WRITES_BYTES, INPUT_WRITE_BYTES, INPUT_WRITES_AT_ONCE } from "../limits.ts";
import type { WriteStatus } from "../machine/exec_backend.ts";
import { concat } from "../std/bytes/concat.ts";

/** Writes that may be unanswered, all of them full. */
const MOST_WRITES = CLIENT_WRITES_BYTES / INPUT_WRITE_BYTES;

/**
 * Input on its way: at once while little is under way, and in larger portions when it floods, as every write costs more than
 * its bytes.
 */
export class InputWrites {
  readonly #write: (bytes: Uint8Array) => Promise<WriteStatus>;
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #unanswered = 0;
  #hasEnded = false;
  #wake: (() => void) | undefined;

  constructor(write: (bytes: Uint8Array) => Promise<WriteStatus>) {
    this.#write = write;
  }

  /** Sends bytes, soon. Resolves when there is room for more. @returns whether more is taken at all */
  async push(bytes: Uint8Array): Promise<boolean> {
    if (this.#hasEnded) return false;
    this.#gathered.push(bytes);
    this.#gatheredBytes += bytes.length;
    if (this.#unanswered < INPUT_WRITES_AT_ONCE || this.#gatheredBytes >= INPUT_WRITE_BYTES) this.#send();
    return await this.#until(MOST_WRITES - 1);
  }

  /** Resolves when everything is answered. @returns whether all of it was taken */
  async end(): Promise<boolean> {
    if (this.#gatheredBytes > 0) this.#send();
    return await this.#until(0);
  }

  #send(): void {
    const bytes = this.#gathered.length === 1 ? this.#gathered[0]! : concat(this.#gathered);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#unanswered++;
    this.#write(bytes).then((status) => this.#answered(status === "accepted"), () => this.#answered(false));
  }

  #answered(isTaken: boolean): void {
    this.#unanswered--;
    if (!isTaken) this.#hasEnded = true;
    else if (this.#gatheredBytes > 0 && this.#unanswered < INPUT_WRITES_AT_ONCE && !this.#hasEnded) {
      this.#send();
    }
    this.#wake?.();
  }

  async #until(unanswered: number): Promise<boolean> {
    while (this.#unanswered > unanswered && !this.#hasEnded) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return !this.#hasEnded;
  }
}
