/**
 * Base64 where `Uint8Array` has no methods for it: Node before 25, and browsers before 2025.
 */

/** The part of Node's `Buffer` that is used here. Not imported, since browsers have none. */
interface BufferLike {
  from(bytes: ArrayBufferLike, offset: number, length: number): { toString(encoding: "base64"): string };
  from(text: string, encoding: "base64"): Uint8Array<ArrayBuffer>;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Bytes for one call of `String.fromCharCode`, whose arguments have to fit on the stack. */
const CALL_BYTES = 8_192;

/** The base64 text of some bytes. */
export function encodeBase64Fallback(bytes: Uint8Array, buffer = nodeBuffer()): string {
  if (buffer) return buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  let binary = "";
  for (let at = 0; at < bytes.length; at += CALL_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CALL_BYTES));
  }
  return btoa(binary);
}

/** The bytes of a base64 text; undefined where it is not canonical, which neither `Buffer` nor `atob` minds. */
export function decodeBase64Fallback(
  text: string,
  buffer = nodeBuffer(),
): Uint8Array<ArrayBuffer> | undefined {
  if (!isCanonical(text)) return undefined;
  if (buffer) {
    const { buffer: memory, byteOffset, byteLength } = buffer.from(text, "base64");
    return new Uint8Array(memory, byteOffset, byteLength); // A Buffer's own slice() would share its memory.
  }
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

function nodeBuffer(): BufferLike | undefined {
  return (globalThis as { Buffer?: BufferLike }).Buffer;
}

function isCanonical(text: string): boolean {
  if (text.length % 4 !== 0) return false;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const symbols = padding === 0 ? text : text.slice(0, -padding);
  if (/[^A-Za-z0-9+/]/.test(symbols)) return false;
  const unusedBits = [0, 0b11, 0b1111][padding]!;
  return (alphabet.indexOf(symbols.at(-1) ?? "A") & unusedBits) === 0;
}
