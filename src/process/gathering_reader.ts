import { concat } from "@std/bytes/concat";
import { FLOOD_AFTER_BYTES, FLOOD_CHUNK_BYTES, FLOOD_GATHER_MS, OUTPUT_CHUNK_BYTES } from "../limits.ts";
import type { ByteSource } from "./child_process.ts";

/**
 * Reads one stream of a child: each read at once, as it comes, until the stream floods; then reads are put together
 * into larger chunks.
 *
 * Clients count events. The Codex client keeps 256 of a process for its own slow parts, whatever their size, and does
 * without what it had to let go: larger chunks are what lets it keep all of a flood.
 */
export class GatheringReader {
  readonly #source: ByteSource;
  /** Bytes since the stream last paused for longer than a chunk waits. */
  #run = 0;
  /** A read that took longer than its chunk could wait. */
  #pending: Promise<Uint8Array | null> | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** The next bytes; null at the end. */
  async read(): Promise<Uint8Array | null> {
    const bytes = await this.#next();
    if (bytes === null) return null;
    this.#run += bytes.length;
    return this.#run < FLOOD_AFTER_BYTES ? bytes : await this.#gather(bytes);
  }

  async #gather(first: Uint8Array): Promise<Uint8Array> {
    const parts = [first];
    let length = first.length;
    let timer: ReturnType<typeof setTimeout>;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), FLOOD_GATHER_MS);
    });
    while (length + OUTPUT_CHUNK_BYTES <= FLOOD_CHUNK_BYTES) {
      this.#pending = this.#next();
      const bytes = await Promise.race([this.#pending, late]);
      if (bytes === "late") {
        if (parts.length === 1) this.#run = 0;
        break;
      }
      if (bytes === null) break; // It stays pending, and says so again.
      this.#pending = undefined;
      parts.push(bytes);
      length += bytes.length;
    }
    clearTimeout(timer!);
    return parts.length === 1 ? first : concat(parts);
  }

  #next(): Promise<Uint8Array | null> {
    const pending = this.#pending;
    this.#pending = undefined;
    return pending ?? this.#source.read(OUTPUT_CHUNK_BYTES);
  }
}
