/** Pictures for tests. */
import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";

/** Options of {@linkcode png}. */
export interface PngOptions {
  /** How hard to compress, 0 (not at all: three bytes a pixel) to 9. */
  compression?: number;
}

/** A black picture of `width` times `height` pixels, as a PNG file of 8-bit RGB. */
export function png(width: number, height: number, options: PngOptions = {}): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const rows = Buffer.alloc(height * (1 + width * 3));
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: options.compression ?? 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(typed.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(typed, 4);
  framed.writeUInt32BE(crc32(typed), framed.length - 4);
  return framed;
}
