import { crc32, createInflateRaw } from "node:zlib";
import { DECOMPRESSED_PIECE_BYTES, HTTP_HEADER_BYTES } from "../limits.ts";
import type { ByteSource } from "./byte_source.ts";
import { decompressed, type Decompressor } from "./decompressed.ts";
import { Turns } from "./turns.ts";

/**
 * The content of a gzip body (RFC 1952), all members of it. What follows behind the last one and is no member is passed
 * over, as browsers, curl and the reference server do.
 *
 * @throws {Error} when it is no gzip, is cut short, or differs from its checksum
 */
export async function* gzipContent(source: ByteSource): AsyncGenerator<Uint8Array> {
  const first = await source.next();
  if (!first) return;
  source.putBack(first);
  const turns = new Turns();
  for (let members = 0;; members++) {
    if (!await isMember(source)) {
      if (members === 0) throw new Error("it is no gzip");
      // To its end: only there it shows whether the body is complete.
      while (await source.next());
      return;
    }
    await passHeader(source);
    yield* memberContent(source, turns);
  }
}

/** Whether a member begins here; its first two bytes are passed over then. */
async function isMember(source: ByteSource): Promise<boolean> {
  const [first, second] = await source.upTo(2);
  return first === 0x1f && second === 0x8b;
}

const flag = { headerChecksum: 0x02, extra: 0x04, name: 0x08, comment: 0x10 };

async function passHeader(source: ByteSource): Promise<void> {
  const [method, flags = 0] = await exactly(source, 8);
  if (method !== 8) throw new Error("its gzip method is unknown");
  if (flags & flag.extra) {
    const [low, high] = await exactly(source, 2);
    await exactly(source, low! + high! * 256);
  }
  for (const text of [flag.name, flag.comment]) {
    if (flags & text && await source.before(0, HTTP_HEADER_BYTES) === undefined) throw cutShort();
  }
  if (flags & flag.headerChecksum) await exactly(source, 2);
}

async function* memberContent(source: ByteSource, turns: Turns): AsyncGenerator<Uint8Array> {
  let checksum = 0;
  let length = 0;
  const inflate = createInflateRaw({ chunkSize: DECOMPRESSED_PIECE_BYTES }) as Decompressor;
  for await (const piece of decompressed(source, inflate, turns)) {
    checksum = crc32(piece, checksum);
    length = (length + piece.length) % 2 ** 32;
    yield piece;
  }
  const trailer = new DataView((await exactly(source, 8)).buffer);
  if (trailer.getUint32(0, true) !== checksum || trailer.getUint32(4, true) !== length) {
    throw new Error("its gzip checksum is wrong");
  }
}

async function exactly(source: ByteSource, count: number): Promise<Uint8Array> {
  const bytes = await source.upTo(count);
  if (bytes.length < count) throw cutShort();
  return bytes;
}

function cutShort(): Error {
  return new Error("unexpected end of gzip");
}
