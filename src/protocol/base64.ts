/**
 * Bytes inside JSON: the standard alphabet with mandatory padding, no blanks, canonical trailing bits.
 */
import { decodeBase64Fallback, encodeBase64Fallback } from "./base64_fallback.ts";

const isBuiltIn = typeof Uint8Array.fromBase64 === "function";

/** @throws {Base64Error} what is wrong and where */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const bytes = isBuiltIn ? decodeBuiltIn(text) : decodeBase64Fallback(text);
  if (bytes === undefined) throw new Base64Error(explain(text));
  return bytes;
}

/** The base64 text of some bytes. */
export function encodeBase64(bytes: Uint8Array): string {
  return isBuiltIn ? bytes.toBase64() : encodeBase64Fallback(bytes);
}

/** How many characters the base64 text of so many bytes has. */
export function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

/** How many bytes have a base64 text of at most so many characters. */
export function base64Capacity(chars: number): number {
  return Math.floor(chars / 4) * 3;
}

function decodeBuiltIn(text: string): Uint8Array<ArrayBuffer> | undefined {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
  } catch {
    return undefined;
  }
  // The built-in decoder skips ASCII blanks, which the protocol does not allow: the text is longer by them.
  return text.length === Math.ceil(bytes.length / 3) * 4 ? bytes : undefined;
}

/** Text that is not base64 as the protocol has it. */
export class Base64Error extends Error {
  override readonly name = "Base64Error";
}

function explain(text: string): string {
  const wrong = /[^A-Za-z0-9+/=]/.exec(text) ?? /=(?=[^=])/.exec(text);
  if (wrong) return `Invalid symbol ${text.charCodeAt(wrong.index)}, offset ${wrong.index}.`;
  if (text.length % 4 !== 0 || /={3,}$/.test(text)) return "Invalid padding";
  return "Invalid last symbol: its unused bits are not zero";
}
