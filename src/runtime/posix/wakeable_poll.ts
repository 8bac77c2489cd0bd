/** A `poll` on another thread that can be ended from this one. */
import type { Libc } from "./libc.ts";
import { openPipe } from "./pipe.ts";

/** One call at a time; a byte in a pipe ends it, whatever else it waits for. */
export class WakeablePoll {
  readonly #libc: Libc;
  readonly #wakeWrite: number;
  readonly #wakeByte = new Uint8Array(1);
  #inCall = false;
  #woken = false;

  /** What every call must ask for `POLLIN` of. */
  readonly wakeRead: number;

  /** @throws {Error} with `code`, such as `"EMFILE"`, where there can be none; nothing is left behind */
  constructor(libc: Libc) {
    this.#libc = libc;
    libc.startPolling();
    ({ read: this.wakeRead, write: this.#wakeWrite } = openPipe(libc));
  }

  /** Whether a call is in progress. */
  get inCall(): boolean {
    return this.#inCall;
  }

  /** Resolves with what `poll` returns; `pollfds` is the caller's to leave alone until then. */
  async call(pollfds: Uint8Array, count: number): Promise<number> {
    this.#inCall = true;
    const ready = await this.#libc.pollOffThread(pollfds, count);
    this.#inCall = false;
    if (this.#woken) {
      this.#woken = false;
      this.#libc.c.read(this.wakeRead, this.#wakeByte, 1);
    }
    return ready;
  }

  /** Ends the call in progress, if there is one. */
  wake(): void {
    if (!this.#inCall || this.#woken) return;
    this.#woken = true;
    this.#libc.c.write(this.#wakeWrite, this.#wakeByte, 1);
  }

  /** Closes its own descriptors; there is no call any more. */
  close(): void {
    for (const end of [this.wakeRead, this.#wakeWrite]) this.#libc.c.close(end);
  }
}
