/** What a child reads from a pipe. */
import { constants } from "node:os";
import type { ByteSink } from "../../process/child_process.ts";
import type { Libc } from "./libc.ts";
import { setNonBlocking } from "./pipe.ts";
import { POLLOUT } from "./platform.ts";
import type { Poller, Watch } from "./poller.ts";
import { systemError } from "./system_error.ts";

interface Writer {
  rest: Uint8Array;
  resolve(): void;
  reject(error: Error): void;
}

/** Writes what the pipe takes, and waits with the rest until the child has read some of it. */
export class PipeInput implements ByteSink {
  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #watch: Watch;
  #writer: Writer | undefined;
  #closed = false;

  /** @param descriptor the pipe's end to write to, which is this object's to close from now on */
  constructor(libc: Libc, poller: Poller, descriptor: number) {
    this.#libc = libc;
    this.#descriptor = descriptor;
    setNonBlocking(libc, descriptor);
    // An error shows in the next write, which names it.
    this.#watch = poller.watch(descriptor, () => this.#writer && this.#flush(this.#writer));
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#closed) return Promise.reject(brokenPipe());
    return new Promise((resolve, reject) => this.#flush(this.#writer = { rest: bytes, resolve, reject }));
  }

  /** The pipe closes, which the child sees as the end of its input. */
  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#settle()?.reject(brokenPipe());
      this.#watch.close();
    }
    return Promise.resolve();
  }

  #flush(writer: Writer): void {
    while (writer.rest.length > 0) {
      const written = this.#libc.c.write(this.#descriptor, writer.rest, writer.rest.length);
      if (written < 0) return this.#heldUp(this.#libc.errno());
      writer.rest = writer.rest.subarray(written);
    }
    this.#settle()?.resolve();
  }

  #heldUp(errno: number): void {
    const { EAGAIN, EINTR } = constants.errno;
    if (errno === EAGAIN || errno === EINTR) return this.#watch.want(POLLOUT);
    this.#settle()?.reject(systemError("write", errno));
  }

  /** Ends the write in progress, whose promise is the caller's to settle. */
  #settle(): Writer | undefined {
    const writer = this.#writer;
    this.#writer = undefined;
    this.#watch.unwant(POLLOUT);
    return writer;
  }
}

function brokenPipe(): Error {
  return Object.assign(new Error("The pipe is closed for writing"), { code: "EPIPE" });
}
