// By name it would not load on Node 20, where nobody calls this.
import * as zlib from "node:zlib";
import { DECOMPRESSED_PIECE_BYTES } from "../limits.ts";
import type { ByteSource } from "./byte_source.ts";
import { decompressed, type Decompressor } from "./decompressed.ts";
import { Turns } from "./turns.ts";
import { ZstdFrame } from "./zstd_frame.ts";

/**
 * The content of a zstd body (RFC 8878), all frames of it.
 *
 * Each has a decompressor of its own: Deno's stops behind the first frame, and none of the runtimes' says that a frame
 * was cut short.
 *
 * @throws {Error} when it is no zstd, is cut short, or differs from its checksum
 */
export async function* zstdContent(source: ByteSource): AsyncGenerator<Uint8Array> {
  const turns = new Turns();
  for (;;) {
    const next = await source.next();
    if (!next) return;
    source.putBack(next);
    const frame = new ZstdFrame();
    const decompressor = zlib.createZstdDecompress({ chunkSize: DECOMPRESSED_PIECE_BYTES }) as Decompressor;
    yield* decompressed(source, decompressor, turns, (bytes) => frame.isOver ? undefined : frame.take(bytes));
    if (!frame.isOver) throw new Error("unexpected end of zstd");
  }
}
