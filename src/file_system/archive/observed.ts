import type { ArchiveEntry } from "./archive_entry.ts";
import { ByteQueue } from "./byte_queue.ts";
import { BLOCK_BYTES, decodeHeader, endOfArchive, paddingOf } from "./tar_header.ts";

/** Who looks on while an archive goes by. */
export interface ArchiveObserver {
  onEntry(entry: ArchiveEntry): void;
  /** So many bytes of the entry's content have gone by. */
  onBytes(bytes: number): void;
  /** A piece has gone by. */
  tell(): void;
}

/** Lets an archive through, and tells what is in it. @param signal ends it with its reason */
export async function* observed(
  archive: AsyncIterable<Uint8Array>,
  observer: ArchiveObserver,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const watch = new Watch(observer);
  for await (const piece of archive) {
    // Whoever takes the last piece asks for no more.
    await watch.push(piece);
    observer.tell();
    signal?.throwIfAborted();
    yield piece;
  }
}

class Watch {
  readonly #observer: ArchiveObserver;
  /** What leads up to an entry's content. */
  #header: Uint8Array[] = [];
  #missing = BLOCK_BYTES;
  #isBody = false;
  #content = 0;
  #padding = 0;

  constructor(observer: ArchiveObserver) {
    this.#observer = observer;
  }

  async push(piece: Uint8Array): Promise<void> {
    for (let rest = piece; rest.length > 0;) {
      if (this.#content > 0) {
        const taken = Math.min(this.#content, rest.length);
        this.#content -= taken;
        this.#observer.onBytes(taken);
        rest = rest.subarray(taken);
        continue;
      }
      const taken = Math.min(this.#padding || this.#missing, rest.length);
      if (this.#padding > 0) this.#padding -= taken;
      else {
        this.#header.push(rest.subarray(0, taken));
        this.#missing -= taken;
        if (this.#missing === 0) await this.#take();
      }
      rest = rest.subarray(taken);
    }
  }

  /** A block of a header, or what follows one that leads to another, is complete. */
  async #take(): Promise<void> {
    this.#missing = BLOCK_BYTES;
    if (this.#isBody) return void (this.#isBody = false);
    const block = await new ByteQueue(one(...this.#header)).take(
      this.#header.reduce((sum, { length }) => sum + length, 0),
    );
    const last = block.subarray(block.length - BLOCK_BYTES);
    if ("xgLK".includes(String.fromCharCode(last[156]!))) {
      const size = parseInt(new TextDecoder().decode(last.subarray(124, 135)), 8);
      this.#missing = size + paddingOf(size);
      this.#isBody = true;
      return;
    }
    this.#header = [];
    const entry = await decodeHeader(new ByteQueue(one(block, endOfArchive)));
    if (!entry) return;
    this.#observer.onEntry(entry);
    this.#content = entry.size;
    this.#padding = paddingOf(entry.size);
  }
}

async function* one(...pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}
