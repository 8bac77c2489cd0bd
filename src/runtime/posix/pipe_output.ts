/** What a child writes to a pipe. */
import { Buffer } from "node:buffer";
import { constants } from "node:os";
import { OUTPUT_CHUNK_BYTES, QUICK_READ_BYTES, QUICK_READ_MS, QUICK_READS } from "../../limits.ts";
import type { ByteSource } from "../../host/child_process.ts";
import type { Libc } from "./libc.ts";
import { enlargePipe, largePipeClosed, setNonBlocking } from "./pipe.ts";
import { POLLIN } from "./platform.ts";
import type { Poller, Watch } from "./poller.ts";

/** Where ordinary reads go first; the bytes are copied out before anybody else can run. */
const scratch = new Uint8Array(OUTPUT_CHUNK_BYTES);

/** Reads only while asked: otherwise the pipe fills, and the child blocks. */
export class PipeOutput implements ByteSource {
  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #watch: Watch;
  #reader: { maxBytes: number; resolve: (bytes: Uint8Array | null) => void } | undefined;
  /** Bytes until the stream ends, whoever still holds it. */
  #left = Infinity;
  #isLarge = false;
  /** Short reads for which it may still hurry, and when it last did. */
  #haste = QUICK_READS;
  #hurriedAt = 0;
  #ended = false;

  /** @param descriptor the pipe's end to read from, which is this object's to close from now on */
  constructor(libc: Libc, poller: Poller, descriptor: number) {
    this.#libc = libc;
    this.#descriptor = descriptor;
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
    return this.#isLarge ||= !this.#ended && enlargePipe(this.#libc, this.#descriptor);
  }

  finish(): void {
    if (this.#ended) return;
    const { c, platform } = this.#libc;
    const waiting = new Int32Array(1);
    const failed = c.ioctl(this.#descriptor, platform.FIONREAD, new Uint8Array(waiting.buffer)) < 0;
    this.#left = failed ? 0 : waiting[0]!;
    if (this.#left === 0) this.#end();
  }

  cancel(): void {
    if (!this.#ended) this.#end();
  }

  /** Gives the reader what there is: bytes, or that nobody can write any more. */
  look(): void {
    if (!this.#reader) return;
    const maxBytes = Math.min(this.#reader.maxBytes, this.#left);
    const buffer = maxBytes > scratch.length ? freshBytes(maxBytes) : scratch;
    const read = this.#libc.c.read(this.#descriptor, buffer, maxBytes);
    if (read > 0) {
      if (read < QUICK_READ_BYTES) this.#hurry();
      // A large buffer that is full is kept as it is: copying it would take longer than to make a new one.
      const isFull = read > maxBytes / 2 && buffer !== scratch;
      this.#answer(isFull ? buffer.subarray(0, read) : buffer.slice(0, read));
      this.#left -= read;
      if (this.#left === 0) this.#end();
      return;
    }
    const { EAGAIN, EINTR } = constants.errno;
    if (read === 0 || ![EAGAIN, EINTR].includes(this.#libc.errno())) this.#end();
  }

  /** Many short reads in a row are a flood of lines, which is read in larger pieces without haste. */
  #hurry(): void {
    const now = performance.now();
    this.#haste = Math.min(QUICK_READS, this.#haste + (now - this.#hurriedAt) / QUICK_READ_MS);
    this.#hurriedAt = now;
    if (this.#haste < 1) return;
    this.#haste--;
    this.#watch.hurry();
  }

  #end(): void {
    this.#ended = true;
    if (this.#isLarge) largePipeClosed();
    this.#isLarge = false;
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

/** Bytes to read into, which some runtimes need not clear first: what is not read into is never looked at. */
function freshBytes(length: number): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset } = Buffer.allocUnsafeSlow(length);
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, length);
}
