/**
 * The pattern language in which vectors say what they expect.
 *
 * Values match literally, arrays element by element, objects with exactly the pattern's keys unless it holds
 * `"$extra": true`. Keys with the value `$absent` must be missing, those with `$optional` may be anything or missing.
 * Special strings are those of `pattern_text.ts`; special objects are `$oneOf`, `$gte`/`$lte`, `$len`, `$every`,
 * `$contains` (a subset, in any order) and `$set` (all elements, in any order).
 */
import { type TextContext, textMatches } from "./pattern_text.ts";
import { expandText, type Variables } from "./variables.ts";

/** How patterns are compared. */
export interface PatternOptions {
  variables: Variables;
  /** `ignored`: the text of an error (`message` beside `code`) may be any string. */
  wording: "exact" | "ignored";
}

interface Context extends PatternOptions, TextContext {}

/**
 * Compares a value with a pattern. What the pattern saves goes into the variables, if the whole pattern matches.
 *
 * @returns where and how they differ; undefined when they match
 */
export function findMismatch(pattern: unknown, value: unknown, options: PatternOptions): string | undefined {
  const saved: Variables = new Map();
  const mismatch = compare(pattern, value, "$", { ...options, saved });
  if (mismatch === undefined) { for (const [name, text] of saved) options.variables.set(name, text); }
  return mismatch;
}

function compare(pattern: unknown, value: unknown, at: string, context: Context): string | undefined {
  if (typeof pattern === "string") {
    return textMatches(pattern, value, context) ? undefined : differs(at, pattern, value, context);
  }
  if (Array.isArray(pattern)) return compareArrays(pattern, value, at, context);
  if (!isObject(pattern)) return Object.is(pattern, value) ? undefined : differs(at, pattern, value, context);
  const special = specials.find((name) => name in pattern);
  if (special === undefined) return compareObjects(pattern, value, at, context);
  return specialMatches(special, pattern, value, context) ? undefined : differs(at, pattern, value, context);
}

function compareArrays(pattern: unknown[], value: unknown, at: string, context: Context): string | undefined {
  if (!Array.isArray(value) || value.length !== pattern.length) return differs(at, pattern, value, context);
  for (const [index, item] of pattern.entries()) {
    const mismatch = compare(item, value[index], `${at}[${index}]`, context);
    if (mismatch !== undefined) return mismatch;
  }
}

function compareObjects(
  pattern: Record<string, unknown>,
  value: unknown,
  at: string,
  context: Context,
): string | undefined {
  if (!isObject(value)) return differs(at, pattern, value, context);
  const known = new Set<string>();
  for (const [written, expected] of Object.entries(pattern)) {
    if (written === "$extra") continue;
    const key = expandText(written, context.variables);
    known.add(key);
    if (expected === "$optional") continue;
    if (expected === "$absent") {
      if (key in value) return `${at}.${key} is not expected, got ${shorten(value[key])}`;
      continue;
    }
    if (!(key in value)) return `${at}.${key} is missing in ${shorten(value)}`;
    const anyWording = context.wording === "ignored" && key === "message" && "code" in pattern;
    const mismatch = compare(anyWording ? "$string" : expected, value[key], `${at}.${key}`, context);
    if (mismatch !== undefined) return mismatch;
  }
  if (pattern.$extra === true) return;
  const surplus = Object.keys(value).find((key) => !known.has(key));
  if (surplus !== undefined) return `${at}.${surplus} is not expected, got ${shorten(value[surplus])}`;
}

const specials = ["$oneOf", "$gte", "$lte", "$len", "$every", "$contains", "$set"] as const;

function specialMatches(
  special: typeof specials[number],
  pattern: Record<string, unknown>,
  value: unknown,
  context: Context,
): boolean {
  const matches = (expected: unknown, item: unknown) => compare(expected, item, "", context) === undefined;
  const expected = pattern[special];
  switch (special) {
    case "$oneOf":
      return (expected as unknown[]).some((alternative) => matches(alternative, value));
    case "$gte":
    case "$lte":
      return typeof value === "number" && value >= Number(pattern.$gte ?? -Infinity) &&
        value <= Number(pattern.$lte ?? Infinity);
    case "$len":
      return (typeof value === "string" || Array.isArray(value)) && value.length === expected;
  }
  if (!Array.isArray(value)) return false;
  switch (special) {
    case "$every":
      return value.every((item) => matches(expected, item));
    case "$contains":
      return (expected as unknown[]).every((wanted) => value.some((item) => matches(wanted, item)));
    case "$set": {
      const left = [...value];
      return left.length === (expected as unknown[]).length && (expected as unknown[]).every((wanted) => {
        const index = left.findIndex((item) => matches(wanted, item));
        if (index >= 0) left.splice(index, 1);
        return index >= 0;
      });
    }
  }
}

function differs(at: string, pattern: unknown, value: unknown, context: Context): string {
  const expected = typeof pattern === "string" ? expandText(pattern, context.variables) : pattern;
  return `${at}: expected ${shorten(expected)}, got ${shorten(value)}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON that fits a line of a report. */
export function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 240 ? `${text.slice(0, 240)}...` : text;
}
