import { pathFromBytes } from "../native/path_text.ts";

const lossy = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * This program's environment with what is not text: its runtime leaves out such variables, or changes them. A byte that is
 * not UTF-8 stands in them as path_text.ts says.
 *
 * @param environment what the runtime tells
 * @param given what this program was started with: `NAME=VALUE`, each with a NUL behind it
 */
export function withBytes(
  environment: Readonly<Record<string, string>>,
  given: Uint8Array,
): Record<string, string> {
  const complete = new Map(Object.entries(environment));
  for (let at = 0, end; (end = given.indexOf(0, at)) >= 0; at = end + 1) {
    const entry = given.subarray(at, end);
    const text = pathFromBytes(entry);
    if (text.isWellFormed()) continue;
    const equals = text.indexOf("=", 1);
    if (equals < 0) continue;
    const name = text.slice(0, equals);
    if (!name.isWellFormed()) complete.delete(lossy.decode(entry.subarray(0, entry.indexOf(0x3d, 1))));
    complete.set(name, text.slice(equals + 1));
  }
  return Object.fromEntries(complete);
}
