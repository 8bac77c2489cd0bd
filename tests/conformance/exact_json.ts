/**
 * Parses JSON without rounding: integers of 16 and more digits become text with `#` in front, as the vectors write
 * them. Text that is not JSON becomes `{"$unparsable": text}`, which no pattern matches.
 */
export function parseExactJson(text: string): unknown {
  try {
    return parse(text, (_key, value, { source }) => {
      const long = typeof value === "number" && /^-?\d{16,}$/.test(source ?? "");
      return long ? `#${source}` : value;
    });
  } catch {
    return { $unparsable: text };
  }
}

/** The library's type does not know the third parameter of a reviver yet. */
const parse = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
) => unknown;
