/**
 * Paths as text that loses no byte.
 *
 * A POSIX path is bytes, and not all of them are UTF-8. Inside this program a path is a string; a byte that is not
 * UTF-8 stands in it as a lone surrogate, U+DC80 for 0x80 to U+DCFF for 0xFF, which no valid text contains. So such
 * a path can be joined, compared and sent like any other, and `isWellFormed()` tells the two kinds apart.
 */

const lossy = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** How many UTF-16 units become text at once: as many as are safely passed as arguments. */
const TEXT_UNITS = 4_096;

/** The path text of some bytes. */
export function pathFromBytes(bytes: Uint8Array): string {
  const text = lossy.decode(bytes);
  return text.includes("\ufffd") ? escapeBytes(bytes) : text;
}

/** The bytes of a path text. */
export function pathToBytes(path: string): Uint8Array<ArrayBuffer> {
  if (path.isWellFormed()) return encoder.encode(path);
  const bytes = new Uint8Array(3 * path.length);
  let used = 0;
  for (let at = 0; at < path.length;) {
    const code = path.codePointAt(at)!;
    if (isEscape(code)) bytes[used++] = code & 0xff;
    else used += encoder.encodeInto(String.fromCodePoint(code), bytes.subarray(used)).written;
    at += code > 0xffff ? 2 : 1;
  }
  return bytes.slice(0, used);
}

/** A path text as a person may see it: bytes that are not UTF-8 are replaced by U+FFFD. */
export function readablePath(path: string): string {
  return path.isWellFormed() ? path : lossy.decode(pathToBytes(path));
}

function isEscape(code: number): boolean {
  return code >= 0xdc80 && code <= 0xdcff;
}

/** Byte by byte, without a decoder that would throw for each that is none: there may be very many. */
function escapeBytes(bytes: Uint8Array): string {
  const units = new Uint16Array(bytes.length);
  let used = 0;
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    const code = length === 0 ? 0xdc00 | bytes[at]! : codeAt(bytes, at, length);
    if (code > 0xffff) {
      units[used++] = 0xd7c0 + (code >> 10);
      units[used++] = 0xdc00 | (code & 0x3ff);
    } else units[used++] = code;
    at += length || 1;
  }
  let text = "";
  for (let at = 0; at < used; at += TEXT_UNITS) {
    text += String.fromCharCode(...units.subarray(at, Math.min(used, at + TEXT_UNITS)));
  }
  return text;
}

/** Bytes of the UTF-8 sequence that begins here, or 0 where none does. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (at + length > bytes.length) return 0;
  // No longer form than needed, no surrogate, nothing beyond Unicode: the second byte tells.
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (bytes[at + 1]! < lowest || bytes[at + 1]! > highest) return 0;
  for (let rest = 2; rest < length; rest++) {
    if ((bytes[at + rest]! & 0xc0) !== 0x80) return 0;
  }
  return length;
}

function codeAt(bytes: Uint8Array, at: number, length: number): number {
  if (length === 1) return bytes[at]!;
  let code = bytes[at]! & (0x7f >> length);
  for (let rest = 1; rest < length; rest++) code = (code << 6) | (bytes[at + rest]! & 0x3f);
  return code;
}
