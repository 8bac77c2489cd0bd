/**
 * Limits that whoever runs the program may set, by `EXEC_SERVER_LIMITS="NAME=VALUE NAME=VALUE"`. They are constants all the
 * same: `main.ts` leaves the text here before the first of them is made, and a library's program leaves none.
 */

/** Where the text lies: what reads it runs in browsers, too, and where a variable may not be read. */
export const limitsGiven = Symbol.for("exec-server.limits");

/** The largest value that any may have: a timer takes no more. */
const most = 2 ** 31 - 1;

const given = new Map(words((globalThis as Record<symbol, unknown>)[limitsGiven]));
const names: string[] = [];
const faults: string[] = [];

/** A limit's value: what is given for its name, or its default. */
export function adjustable(name: string, value: number): number {
  names.push(name);
  const text = given.get(name);
  if (text === undefined) return value;
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  if (number >= 1 && number <= most) return number;
  faults.push(`${name} takes a whole number from 1 to ${most}, not "${text}"`);
  return value;
}

/** The names of all that may be set. */
export function adjustableNames(): readonly string[] {
  return names;
}

/** What is given, by name. */
export function givenLimits(): ReadonlyMap<string, string> {
  return given;
}

/** What is wrong with what is given, of the values that were asked for. */
export function limitFaults(): readonly string[] {
  return faults;
}

function words(text: unknown): [name: string, value: string][] {
  if (typeof text !== "string") return [];
  return text.split(/[\s,]+/).filter((word) => word !== "").map((word) => {
    const [name, ...value] = word.split("=");
    return [name!, value.join("=")];
  });
}
