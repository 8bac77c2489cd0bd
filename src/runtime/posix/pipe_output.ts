/** What a child writes to a pipe. */
import { constants } from "node:os";
import { OUTPUT_CHUNK_BYTES } from "../../limits.ts";
import type { ByteSource } from "../../process/child_process.ts";
import type { Libc } from "./libc.ts";
import { setNonBlocking } from "./pipe.ts";
import { PipeSize } from "./pipe_size.ts";
import { POLLIN } from "./platform.ts";
import type { Poller, Watch } from "./poller.ts";

/** Where ordinary reads go first; the bytes are copied out before anybody else can run. */
const scratch = new Uint8Array(OUTPUT_CHUNK_BYTES);

/** Reads only while asked: otherwise the pipe fills, and the child blocks. */
export class PipeOutput implements ByteSource {
  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #size: PipeSize;
  readonly #watch: Watch;
  #reader: { maxBytes: number; resolve: (bytes: Uint8Array | null) => void } | undefined;
  #ended = false;

  /** @param descriptor the pipe's end to read from, which is this object's to close from now on */
  constructor(libc: Libc, poller: Poller, descriptor: number) {
    this.#libc = libc;
    this.#descriptor = descriptor;
    this.#size = new PipeSize(libc.c.fcntl, descriptor);
    setNonBlocking(libc, descriptor);
    this.#watch = poller.watch(descriptor, () => this.look());
  }

  read(maxBytes: number): Promise<Uint8Array | null> {
    if (this.#ended) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#reader = { maxBytes, resolve };
      this.#watch.want(POLLIN);
    });
  }

  enlarge(): boolean {
    return !this.#ended && this.#size.enlarge();
  }

  cancel(): void {
    if (!this.#ended) this.#end();
  }

  /** Gives the reader what there is: bytes, or that nobody can write any more. */
  look(): void {
    if (!this.#reader) return;
    const { maxBytes } = this.#reader;
    const buffer = maxBytes > scratch.length ? new Uint8Array(maxBytes) : scratch;
    const read = this.#libc.c.read(this.#descriptor, buffer, maxBytes);
    // A large buffer that is full is kept as it is: copying it would take longer than to make a new one.
    if (read > maxBytes / 2 && buffer !== scratch) return this.#answer(buffer.subarray(0, read));
    if (read > 0) return this.#answer(buffer.slice(0, read));
    const { EAGAIN, EINTR } = constants.errno;
    if (read === 0 || ![EAGAIN, EINTR].includes(this.#libc.errno())) this.#end();
  }

  #end(): void {
    this.#ended = true;
    this.#size.release();
    this.#answer(null);
    this.#watch.close();
  }

  #answer(bytes: Uint8Array | null): void {
    const reader = this.#reader;
    this.#reader = undefined;
    this.#watch.unwant(POLLIN);
    reader?.resolve(bytes);
  }
}
