/**
 * A number of a request as it was written, where JavaScript's would say something else: beyond 2^53 a BigInt, and with a
 * fraction or an exponent (`1.0`, `1e1`) a symbol, which no schema takes for a number. The reference server takes such a
 * one for an integer nowhere either.
 */
export type OddNumber = bigint | symbol;

/** Parses JSON and keeps numbers as they were written. It costs several times what `JSON.parse` does. */
export function parseExactJson(text: string): unknown {
  return JSON.parse(text, keepOddNumber as (key: string, value: unknown) => unknown);
}

function keepOddNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== "number" || source === undefined) return value;
  if (!/^-?\d+$/.test(source)) return Symbol(source);
  return Number.isSafeInteger(value) ? value : BigInt(source);
}

/** A number for `JSON.stringify`, which refuses a BigInt. */
export function writeExact(value: number | bigint): number {
  if (typeof value === "number") return value;
  const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
  return rawJSON(String(value)) as number;
}
