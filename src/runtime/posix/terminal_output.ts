/** What programs write to a terminal, read from its master. */
import { constants } from "node:os";
import { setTimeout } from "node:timers";
import { TERMINAL_READ_BYTES, TERMINAL_READ_MS, TERMINAL_RECHECK_MS } from "../../limits.ts";
import type { ByteSource } from "../../host/child_process.ts";
import type { Libc } from "./libc.ts";
import { POLLERR, POLLHUP, POLLIN, POLLNVAL } from "./platform.ts";
import type { Watch } from "./poller.ts";

/** Where every read goes first; its bytes are copied out before anybody else can run. */
const scratch = new Uint8Array(TERMINAL_READ_BYTES);

/**
 * Reads only while asked: otherwise the kernel's buffer fills, and the programs on the terminal block.
 *
 * The end is a hang-up (nobody holds the slave, everything written has been read) after the child's exit. A hang-up
 * before it is not final, the child may open its terminal again.
 */
export class TerminalOutput implements ByteSource {
  readonly #libc: Libc;
  readonly #master: number;
  readonly #watch: Watch;
  readonly #onEnd: () => void;
  #reader: { maxBytes: number; resolve: (bytes: Uint8Array | null) => void } | undefined;
  #exited = false;
  #ended = false;

  /** @param onEnd called once, at the end or when the reader gave up */
  constructor(libc: Libc, master: number, watch: Watch, onEnd: () => void) {
    this.#libc = libc;
    this.#master = master;
    this.#watch = watch;
    this.#onEnd = onEnd;
  }

  read(maxBytes: number): Promise<Uint8Array | null> {
    if (this.#ended) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#reader = { maxBytes: Math.min(maxBytes, TERMINAL_READ_BYTES), resolve };
      this.#watch.want(POLLIN);
    });
  }

  cancel(): void {
    if (!this.#ended) this.#end();
  }

  /** The child has been reaped: from now on a hang-up is final. */
  childExited(): void {
    this.#exited = true;
    if (this.#reader) this.#watch.want(POLLIN);
  }

  /** Gives the reader what there is; false where there is no more. Nobody may ask for it right now. */
  look(): boolean {
    if (!this.#reader) return !this.#ended;
    const bytes = this.#drain(this.#reader.maxBytes);
    if (bytes === null || bytes.length === 0) return false;
    this.#answer(bytes);
    return true;
  }

  /** Takes what there is, now that `poll` reported something. */
  onReady(events: number): void {
    if (!this.#reader) return;
    const bytes = this.#drain(this.#reader.maxBytes);
    if (bytes !== null && bytes.length > 0) this.#answer(bytes);
    else if (bytes === null || events & (POLLHUP | POLLERR | POLLNVAL)) this.#hungUp();
  }

  /** Reads until there is no more, or enough; null where `read` tells of a hang-up, which `poll` does as well. */
  #drain(maxBytes: number): Uint8Array | null {
    const deadline = performance.now() + TERMINAL_READ_MS;
    let filled = 0;
    while (filled < maxBytes && (filled === 0 || performance.now() < deadline)) {
      const read = this.#libc.c.read(this.#master, scratch.subarray(filled), maxBytes - filled);
      if (read > 0) filled += read;
      // Linux says EIO, other systems say end of file.
      else if (filled === 0 && (read === 0 || this.#libc.errno() === constants.errno.EIO)) return null;
      else break;
    }
    return scratch.slice(0, filled);
  }

  #hungUp(): void {
    if (this.#exited) return this.#end();
    // `poll` would report it again and again.
    this.#watch.unwant(POLLIN);
    setTimeout(() => this.#reader && this.#watch.want(POLLIN), TERMINAL_RECHECK_MS);
  }

  #end(): void {
    this.#ended = true;
    this.#answer(null);
    this.#onEnd();
  }

  #answer(bytes: Uint8Array | null): void {
    const reader = this.#reader;
    this.#reader = undefined;
    this.#watch.unwant(POLLIN);
    reader?.resolve(bytes);
  }
}
