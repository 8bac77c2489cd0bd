/** Text as C takes it. */
import { pathToBytes } from "../../native/path_text.ts";
import type { Libc } from "./libc.ts";

/**
 * The bytes of a text with a NUL behind them: UTF-8, but for what path_text.ts has escaped.
 *
 * @throws {TypeError} when there is a NUL inside, which would cut it short
 */
export function cString(text: string): Uint8Array {
  if (text.includes("\0")) throw new TypeError(`A NUL character is not allowed in ${JSON.stringify(text)}`);
  return pathToBytes(text + "\0");
}

/** Text up to the first NUL. */
export function fromCString(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
}

/**
 * A `char *const []` as `argv` and `envp` are: the pointers, a null, then the strings they point to, all in one
 * block, so that whoever holds the array holds the strings.
 */
export function cStringArray(texts: readonly string[], libc: Libc): Uint8Array {
  const strings = texts.map(cString);
  const pointerBytes = (strings.length + 1) * 8;
  const block = new Uint8Array(strings.reduce((size, string) => size + string.length, pointerBytes));
  const pointers = new BigUint64Array(block.buffer, 0, strings.length);
  const base = libc.addressOf(block);
  let offset = pointerBytes;
  strings.forEach((string, index) => {
    block.set(string, offset);
    pointers[index] = base + BigInt(offset);
    offset += string.length;
  });
  return block;
}
