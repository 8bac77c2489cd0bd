import { concat } from "../std/bytes/concat.ts";
import {
  FLOOD_AFTER_BYTES,
  FLOOD_CHUNK_BYTES,
  FLOOD_END_MS,
  FLOOD_GATHER_MS,
  FLOOD_PAUSE_MS,
  OUTPUT_CHUNK_BYTES,
} from "../limits.ts";
import type { ByteSource } from "../host/child_process.ts";

/**
 * Reads one stream of a child: each read at once, as it comes, until the stream floods; then into larger chunks. A pipe
 * that can be enlarged gathers them by itself, if it is given a moment; otherwise reads are put together.
 *
 * Clients count events. The Codex client keeps 256 of a process for its own slow parts, whatever their size, and does
 * without what it had to let go: larger chunks are what lets it keep all of a flood.
 */
export class GatheringReader {
  readonly #source: ByteSource;
  /** Bytes since the stream last paused for longer than a chunk waits. */
  #run = 0;
  /** Whether the kernel holds much of a flood; undefined until there was one. */
  #enlarged: boolean | undefined;
  /** Whether the last read of a flood found all there was. */
  #ranDry = false;
  /** A read that took longer than its chunk could wait. */
  #pending: Promise<Uint8Array | null> | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** The next bytes; null at the end. */
  async read(): Promise<Uint8Array | null> {
    if (this.#floods && this.#isEnlarged()) return await this.#readLarge();
    const bytes = await this.#next();
    if (bytes === null) return null;
    this.#run += bytes.length;
    return !this.#floods || this.#isEnlarged() ? bytes : await this.#gather(bytes);
  }

  get #floods(): boolean {
    return this.#run >= FLOOD_AFTER_BYTES;
  }

  #isEnlarged(): boolean {
    return this.#enlarged ??= this.#source.enlarge?.() ?? false;
  }

  async #readLarge(): Promise<Uint8Array | null> {
    if (this.#ranDry) await new Promise((resolve) => setTimeout(resolve, FLOOD_PAUSE_MS));
    const asked = performance.now();
    const bytes = await this.#source.read(FLOOD_CHUNK_BYTES);
    this.#ranDry = bytes !== null && bytes.length < FLOOD_CHUNK_BYTES / 2;
    if (performance.now() - asked > FLOOD_END_MS) this.#run = 0;
    return bytes;
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
