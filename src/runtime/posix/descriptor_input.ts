/** What children read: written to a pipe, or to a terminal's master. */
import { constants } from "node:os";
import { FLOOD_AFTER_BYTES } from "../../limits.ts";
import type { ByteSink } from "../../host/child_process.ts";
import type { Libc } from "./libc.ts";
import { POLLERR, POLLHUP, POLLNVAL, POLLOUT } from "./platform.ts";
import type { Watch } from "./poller.ts";

const { EIO, EPIPE } = constants.errno;

interface Writer {
  rest: Uint8Array;
  resolve(): void;
  reject(error: Error): void;
}

/** Writes what the kernel takes, and waits with the rest until programs have read some of it. */
export class DescriptorInput implements ByteSink {
  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #watch: Watch;
  readonly #onClose: () => void;
  /** Called once there was so much that larger portions are worth it. */
  onFlood: (() => void) | undefined;
  #written = 0;
  #writer: Writer | undefined;
  #closed = false;

  /** @param onClose called once, when nothing will be written any more */
  constructor(libc: Libc, descriptor: number, watch: Watch, onClose: () => void) {
    this.#libc = libc;
    this.#descriptor = descriptor;
    this.#watch = watch;
    this.#onClose = onClose;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#closed) return Promise.reject(brokenPipe("The input is closed"));
    return new Promise((resolve, reject) => {
      this.#writer = { rest: bytes, resolve, reject };
      this.#flush();
    });
  }

  /** Sends no byte: a pipe ends here, a terminal's input only with what its programs take for an end, such as Ctrl-D. */
  close(): Promise<void> {
    this.end("The input was closed while it was written to");
    return Promise.resolve();
  }

  /** Closes, and lets a write that is held up fail for this reason. */
  end(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#settle()?.reject(brokenPipe(reason));
    this.#onClose();
  }

  /** Goes on writing, now that `poll` reported something. */
  onReady(events: number): void {
    if (!this.#writer) return;
    if (events & (POLLHUP | POLLERR | POLLNVAL)) this.#hungUp();
    else if (events & POLLOUT) this.#flush();
  }

  #flush(): void {
    const writer = this.#writer!;
    while (writer.rest.length > 0) {
      const written = this.#libc.c.write(this.#descriptor, writer.rest, writer.rest.length);
      // A terminal that has hung up says EIO, a pipe that nobody reads any more EPIPE.
      if (written < 0 && [EIO, EPIPE].includes(this.#libc.errno())) return this.#hungUp();
      if (written <= 0) return this.#watch.want(POLLOUT);
      writer.rest = writer.rest.subarray(written);
      this.#written += written;
      if (this.#written >= FLOOD_AFTER_BYTES) this.#flooded();
    }
    this.#settle()?.resolve();
  }

  #flooded(): void {
    this.onFlood?.();
    this.onFlood = undefined;
  }

  #hungUp(): void {
    this.#settle()?.reject(brokenPipe("Nobody reads the input any more"));
  }

  /** Ends the write in progress, whose promise is the caller's to settle. */
  #settle(): Writer | undefined {
    const writer = this.#writer;
    this.#writer = undefined;
    this.#watch.unwant(POLLOUT);
    return writer;
  }
}

function brokenPipe(message: string): Error {
  return Object.assign(new Error(message), { code: "EPIPE" });
}
