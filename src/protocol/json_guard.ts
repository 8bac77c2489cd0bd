import { JSON_DEPTH, JSON_VALUES } from "../limits.ts";

/**
 * Why a JSON text is refused although it may parse: too deep, too many values, or a member given twice in the
 * envelope. Undefined for a text that may be parsed. Text that is no JSON may get any answer: the parser has the
 * last word.
 *
 * Strings are skipped with `indexOf`, so a message that is one huge base64 string costs next to nothing.
 */
export function refuseJson(text: string): string | undefined {
  let depth = 0;
  let values = 1;
  let lastString: [start: number, end: number] | undefined;
  const members = new Set<string>();
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: { // "
        const end = closingQuote(text, i);
        if (end < 0) return undefined;
        lastString = [i, end + 1];
        i = end;
        break;
      }
      case 0x3a: // :
        if (depth === 1 && lastString) {
          const member = text.slice(...lastString);
          if (members.has(member)) return `duplicate field ${member}`;
          members.add(member);
        }
        break;
      case 0x2c: // ,
        if (++values > JSON_VALUES) return tooMany;
        break;
      case 0x7b: // {
      case 0x5b: // [
        if (++depth > JSON_DEPTH) return `recursion limit exceeded: deeper than ${JSON_DEPTH} levels`;
        if (++values > JSON_VALUES) return tooMany;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth--;
        break;
    }
  }
  return undefined;
}

const tooMany = `message exceeds the limit of ${JSON_VALUES} JSON values`;

/** The index of the quote that ends the string which starts at `start`, or -1. */
function closingQuote(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return -1;
}
