import { PATTERN_ALTERNATIVES } from "../limits.ts";

/** One segment of a pattern: `**`, or what a name is compared with. */
export type PatternSegment = "any depth" | readonly Token[];

/** What stands in a segment: a run of any characters, one character, or one of a set. */
type Token = { readonly is: "run" } | { readonly is: "one"; readonly test: (char: string) => boolean };

/** A pattern taken apart. */
export interface PathPattern {
  /** The directory that it begins in: everything before the first segment with a special character. */
  readonly base: string;
  readonly segments: readonly PatternSegment[];
}

/**
 * Takes a pattern apart: `*` and `?` within a segment, `**` for any number of segments, `[a-z]`, `[!a]`, `{a,b}`.
 *
 * @param from the absolute directory where a relative one begins
 * @param home what `~` stands for
 * @returns one for each combination of alternatives; none for a pattern that is malformed or is a URI
 */
export function parsePattern(pattern: string, from: string, home: string | undefined): PathPattern[] {
  if (/^file:/i.test(pattern) || pattern === "") return [];
  if (/^~(\/|$)/.test(pattern)) {
    return home === undefined ? [] : parsePattern(home + pattern.slice(1), from, undefined);
  }
  const absolute = pattern.startsWith("/") ? pattern : `${from}/${pattern}`;
  const parsed = alternatives(absolute).map(parseOne);
  return parsed.every((one) => one !== undefined) ? parsed as PathPattern[] : [];
}

function parseOne(pattern: string): PathPattern | undefined {
  const names = pattern.split("/").filter((name) => name !== "" && name !== ".");
  if (names.includes("..")) return undefined;
  const first = names.findIndex((name) => /[*?[\\]/.test(name));
  // The last name is looked for in its directory, special or not.
  const fixed = first < 0 ? names.length - 1 : first;
  const segments = names.slice(fixed).map(parseSegment);
  if (segments.some((segment) => segment === undefined)) return undefined;
  return { base: "/" + names.slice(0, fixed).join("/"), segments: segments as PatternSegment[] };
}

function parseSegment(text: string): PatternSegment | undefined {
  if (text === "**") return "any depth";
  const tokens: Token[] = [];
  const chars = [...text];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at]!;
    if (char === "*") tokens.push({ is: "run" });
    else if (char === "?") tokens.push({ is: "one", test: () => true });
    else if (char === "[") {
      const end = chars.indexOf("]", at + (chars[at + 1] === "!" || chars[at + 1] === "^" ? 3 : 2));
      if (end < 0) return undefined;
      tokens.push({ is: "one", test: characterSet(chars.slice(at + 1, end)) });
      at = end;
    } else {
      const literal = char === "\\" ? chars[++at] : char;
      if (literal === undefined) return undefined;
      tokens.push({ is: "one", test: (found) => found === literal });
    }
  }
  return tokens;
}

function characterSet(chars: readonly string[]): (char: string) => boolean {
  const isNegated = chars[0] === "!" || chars[0] === "^";
  const members = isNegated ? chars.slice(1) : chars;
  const ranges: [string, string][] = [];
  for (let at = 0; at < members.length; at++) {
    const isRange = members[at + 1] === "-" && at + 2 < members.length;
    ranges.push([members[at]!, members[isRange ? at + 2 : at]!]);
    if (isRange) at += 2;
  }
  return (char) => ranges.some(([low, high]) => low <= char && char <= high) !== isNegated;
}

/** `a{b,c}d` is `abd` and `acd`. */
function alternatives(pattern: string): string[] {
  const open = [pattern];
  const done: string[] = [];
  while (open.length > 0 && open.length + done.length <= PATTERN_ALTERNATIVES) {
    const next = open.pop()!;
    // An innermost pair first, so that one in another is taken apart, too.
    const pair = /\{([^{}]*)\}/.exec(next);
    if (!pair) done.push(next);
    else {
      const [before, after] = [next.slice(0, pair.index), next.slice(pair.index + pair[0].length)];
      open.push(...pair[1]!.split(",").map((choice) => before + choice + after));
    }
  }
  return open.length > 0 ? ["[" /* Malformed: nobody means that many. */] : [...new Set(done)];
}

/** Whether a segment covers a whole name; in a time that grows with the product of their lengths, whatever they are. */
export function coversName(tokens: readonly Token[], name: string): boolean {
  const chars = [...name];
  let token = 0;
  let run = -1;
  let runAt = 0;
  for (let at = 0; at < chars.length;) {
    const wanted = tokens[token];
    if (wanted?.is === "run") {
      run = token++;
      runAt = at;
    } else if (wanted?.test(chars[at]!)) {
      token++;
      at++;
    } else if (run >= 0) {
      token = run + 1;
      at = ++runAt;
    } else return false;
  }
  while (tokens[token]?.is === "run") token++;
  return token === tokens.length;
}
