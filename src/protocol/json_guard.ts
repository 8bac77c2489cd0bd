import { JSON_DEPTH, JSON_VALUES } from "../limits.ts";

/** What was found of a JSON text that may be parsed. */
export interface JsonFinding {
  /** Members of all its objects, repeats included. */
  readonly members: number;
  /** Whether a number may be another one to JavaScript than it was written: beyond 2^53, `1.0`, `1e1`. */
  readonly hasOddNumbers: boolean;
}

/** Why a JSON text is refused, although it may parse. */
export interface RefusedJson {
  readonly reason: string;
}

/** Characters from which on a number may be beyond 2^53. */
const LONG_NUMBER = 16;

/**
 * Looks through a JSON text once, before it is parsed. It is refused where it is too deep or has too many values, and
 * where an escape stands for half a character.
 *
 * Text that is no JSON may get any answer: the parser has the last word. Strings are skipped with `indexOf`, so that a
 * message which is one huge base64 string costs next to nothing.
 */
export function inspectJson(text: string): JsonFinding | RefusedJson {
  const hasEscapes = text.includes("\\");
  if (hasEscapes && hasLoneSurrogate(text)) return { reason: "lone surrogate in a string" };
  let hasOddNumbers = false;
  let members = 0;
  let depth = 0;
  let values = 1;
  /** Where the last string ended, or the last mark stood: what is between two of them is a number or a word. */
  let mark = -1;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: { // "
        const end = hasEscapes ? closingQuote(text, i) : text.indexOf('"', i + 1);
        if (end < 0) return { members, hasOddNumbers };
        mark = i = end;
        break;
      }
      case 0x3a: // :
        members++;
        mark = i;
        break;
      case 0x2c: // ,
        if (i - mark > LONG_NUMBER) hasOddNumbers = true;
        mark = i;
        if (++values > JSON_VALUES) return tooMany;
        break;
      case 0x7b: // {
      case 0x5b: // [
        mark = i;
        if (++depth > JSON_DEPTH) return tooDeep;
        if (++values > JSON_VALUES) return tooMany;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        if (i - mark > LONG_NUMBER) hasOddNumbers = true;
        mark = i;
        depth--;
        break;
      case 0x2e: // .
        hasOddNumbers = true;
        break;
      case 0x45: // E
      case 0x65: // e, also of true and false
        if (isDigit(text.charCodeAt(i - 1))) hasOddNumbers = true;
        break;
    }
  }
  return { members, hasOddNumbers };
}

const tooMany: RefusedJson = { reason: `message exceeds the limit of ${JSON_VALUES} JSON values` };
const tooDeep: RefusedJson = { reason: `recursion limit exceeded: deeper than ${JSON_DEPTH} levels` };

/**
 * Members of all objects in a parsed text. Where the text had more, some object has one twice: the parser keeps the last,
 * and other programs the first.
 */
export function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const parts = Array.isArray(value) ? value : Object.values(value);
  let count = parts === value ? 0 : parts.length;
  for (const part of parts) if (typeof part === "object") count += countMembers(part);
  return count;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** The index of the quote that ends the string which starts at `start`, or -1. */
function closingQuote(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    if (backslashesBefore(text, end) % 2 === 0) return end;
  }
  return -1;
}

function backslashesBefore(text: string, index: number): number {
  let count = 0;
  while (text.charCodeAt(index - 1 - count) === 0x5c) count++;
  return count;
}

/** Whether some `\uD800` to `\uDFFF` of a JSON text is not one of a pair. */
export function hasLoneSurrogate(text: string): boolean {
  const escape = /\\u[dD][89a-fA-F]/g;
  const pair = /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F]/y;
  for (let found = escape.exec(text); found; found = escape.exec(text)) {
    // Behind an odd number of backslashes this one is a backslash itself.
    if (backslashesBefore(text, found.index) % 2 === 1) continue;
    pair.lastIndex = found.index;
    if (!pair.test(text)) return true;
    escape.lastIndex = pair.lastIndex;
  }
  return false;
}
