/**
 * Paths as text that loses no byte.
 *
 * A POSIX path is bytes, and not all of them are UTF-8. Inside this program a path is a string; a byte that is not
 * UTF-8 stands in it as a lone surrogate, U+DC80 for 0x80 to U+DCFF for 0xFF, which no valid text contains. So such
 * a path can be joined, compared and sent like any other, and `isWellFormed()` tells the two kinds apart.
 */
import { concat } from "@std/bytes/concat";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** The path text of some bytes. */
export function pathFromBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return escapeBytes(bytes);
  }
}

/** The bytes of a path text. */
export function pathToBytes(path: string): Uint8Array<ArrayBuffer> {
  if (path.isWellFormed()) return encoder.encode(path);
  const parts = path.split(/([\uDC80-\uDCFF])/u).map((part) => {
    const byte = escapedByte(part);
    return byte === undefined ? encoder.encode(part) : Uint8Array.of(byte);
  });
  return concat(parts);
}

/** A path text as a person may see it: bytes that are not UTF-8 are replaced by U+FFFD. */
export function readablePath(path: string): string {
  return path.isWellFormed() ? path : lossy.decode(pathToBytes(path));
}

/** The byte that a character of a path text stands for, or undefined where it is ordinary text. */
export function escapedByte(char: string): number | undefined {
  const code = char.length === 1 ? char.charCodeAt(0) : 0;
  return code >= 0xdc80 && code <= 0xdcff ? code & 0xff : undefined;
}

function escapeBytes(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at]!;
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    try {
      text += strict.decode(bytes.subarray(at, at + length));
      at += length;
    } catch {
      text += String.fromCharCode(0xdc00 | lead);
      at++;
    }
  }
  return text;
}
