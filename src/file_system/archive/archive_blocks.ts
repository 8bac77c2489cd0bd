import { requireCount } from "../../native/count.ts";
import { refused } from "../../native/operation_error.ts";
import { concat } from "../../std/bytes/concat.ts";
import { deferred } from "../../deferred.ts";
import type { Blocks } from "../file_handles.ts";
import type { FileBlock } from "../operations.ts";

/** Archives behind the calls by which files are read and written in blocks: in order only. */

/** An archive to read. */
export class ArchiveReader implements Blocks {
  readonly #pieces: AsyncGenerator<Uint8Array>;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #offset = 0;
  #ended = false;

  constructor(pieces: AsyncGenerator<Uint8Array>) {
    this.#pieces = pieces;
  }

  async read(offset: number, length: number): Promise<FileBlock> {
    // Who reads ahead asks for what is behind the end, too.
    if (this.#ended && this.#waitingBytes === 0 && offset >= this.#offset) {
      return { bytes: new Uint8Array(0), eof: true };
    }
    inOrder(offset, this.#offset);
    while (this.#waitingBytes < length && !this.#ended) {
      const { value, done } = await this.#pieces.next();
      if (done) this.#ended = true;
      else {
        this.#waiting.push(value);
        this.#waitingBytes += value.length;
      }
    }
    const all = this.#waiting.length === 1 ? this.#waiting[0]! : concat(this.#waiting);
    const bytes = all.subarray(0, length);
    this.#waiting = bytes.length < all.length ? [all.subarray(bytes.length)] : [];
    this.#waitingBytes = all.length - bytes.length;
    this.#offset += bytes.length;
    return { bytes, eof: bytes.length < length };
  }

  write(): Promise<void> {
    return Promise.reject(refused("an archive that is read cannot be written"));
  }

  async close(): Promise<void> {
    await this.#pieces.return(undefined);
  }
}

/** An archive to write. What ends it is answered once everything is in its place. */
export class ArchiveWriter implements Blocks {
  readonly #done: Promise<void>;
  #give = deferred<Uint8Array | undefined>();
  #taken = deferred<void>();
  #offset = 0;
  #closed = false;

  constructor(unpack: (pieces: AsyncIterable<Uint8Array>) => Promise<void>) {
    this.#done = unpack(this.#pieces());
    this.#done.catch(() => {});
  }

  read(): Promise<FileBlock> {
    return Promise.reject(refused("an archive that is written cannot be read"));
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    inOrder(offset, this.#offset);
    this.#offset += bytes.length;
    this.#give.resolve(bytes);
    await Promise.race([this.#taken.promise, this.#done]);
  }

  async finish(): Promise<void> {
    this.#giveNoMore();
    await this.#done;
  }

  async close(): Promise<void> {
    this.#giveNoMore();
    await this.#done.catch(() => {});
  }

  #giveNoMore(): void {
    this.#closed = true;
    this.#give.resolve(undefined);
  }

  async *#pieces(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const bytes = await this.#give.promise;
      if (bytes === undefined) return;
      const taken = this.#taken;
      this.#give = deferred();
      this.#taken = deferred();
      if (this.#closed) return;
      yield bytes;
      taken.resolve();
    }
  }
}

function inOrder(offset: number, expected: number): void {
  requireCount("offset", offset);
  if (offset !== expected) {
    throw refused(`an archive goes in order: the next offset is ${expected}, not ${offset}`);
  }
}
