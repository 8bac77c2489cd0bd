import { closestString } from "../std/text/closest_string.ts";
import { levenshteinDistance } from "../std/text/levenshtein_distance.ts";

/** Every member that some options have; kept complete by the compiler. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

/**
 * Refuses options that are no object, and members that mean nothing: a misspelled one would be silently without effect.
 *
 * @param where whose options they are, as the message begins
 * @throws {TypeError} with the name that may have been meant
 */
export function refuseUnknownOptions(
  where: string,
  options: unknown,
  known: Readonly<Record<string, unknown>>,
): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`${where} takes its options as an object, not ${JSON.stringify(options)}`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(known, name)) continue;
    const names = Object.keys(known);
    const meant = nearestName(name, names);
    const hint = meant === undefined ? `it has ${names.join(", ")}` : `did you mean ${meant}?`;
    throw new TypeError(`${where} has no option ${JSON.stringify(name)}; ${hint}`);
  }
}

/** What an option can be. */
export type OptionKind = keyof typeof isOfKind;

/** The kind of every member that some options have. */
export type OptionKinds<Options> = Readonly<Record<keyof Options, OptionKind>>;

const isCount = (value: unknown) => typeof value === "number" && Number.isInteger(value) && value >= 0;
const isOfKind = {
  string: (value: unknown) => typeof value === "string",
  boolean: (value: unknown) => typeof value === "boolean",
  function: (value: unknown) => typeof value === "function",
  object: (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value),
  strings: (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === "string"),
  count: isCount,
  milliseconds: (value: unknown) => typeof value === "number" && value >= 0,
  any: () => true,
} as const;
const wordsOfKinds: Readonly<Record<OptionKind, string>> = {
  string: "a string",
  boolean: "true or false",
  function: "a function",
  object: "an object",
  strings: "an array of strings",
  count: "a whole number that is not negative",
  milliseconds: "a number of milliseconds",
  any: "anything",
};

/**
 * Refuses unknown options as {@linkcode refuseUnknownOptions} does, and those of another kind.
 *
 * @throws {TypeError} with the name of the option
 */
export function checkKinds(
  where: string,
  options: unknown,
  kinds: Readonly<Record<string, OptionKind>>,
): void {
  refuseUnknownOptions(where, options, kinds);
  for (const [name, value] of Object.entries(options ?? {})) {
    const kind = kinds[name];
    if (value === undefined || kind === undefined || isOfKind[kind](value)) continue;
    throw new TypeError(
      `${where} takes its option ${name} as ${wordsOfKinds[kind]}, not ${
        JSON.stringify(value) ?? typeof value
      }`,
    );
  }
}

/** The known name that another may have meant, where one is near. */
function nearestName(given: string, known: readonly string[]): string | undefined {
  const word = given.toLowerCase();
  const alike = known.find((name) => {
    const other = name.toLowerCase();
    return word.length > 2 && (other.startsWith(word) || word.startsWith(other));
  });
  if (alike !== undefined) return alike;
  const synonym = synonyms[word]?.find((name) => known.includes(name));
  if (synonym !== undefined) return synonym;
  const nearest = closestString(given, known);
  return levenshteinDistance(word, nearest.toLowerCase()) <= Math.max(1, word.length / 4)
    ? nearest
    : undefined;
}

/** What the same things are called elsewhere, in small letters. */
const synonyms: Readonly<Record<string, readonly string[]>> = {
  timeout: ["timeoutMs", "deadlineMs", "connectMs", "waitMs"],
  timeoutms: ["deadlineMs", "connectMs", "waitMs"],
  deadline: ["deadlineMs", "timeoutMs"],
  deadlinems: ["timeoutMs", "connectMs"],
  command: ["argv"],
  cmd: ["argv"],
  args: ["argv"],
  arguments: ["argv"],
  dir: ["cwd"],
  directory: ["cwd"],
  workdir: ["cwd"],
  environment: ["env"],
  stdin: ["pipeStdin", "input"],
  check: ["throwOnError"],
  reject: ["throwOnError"],
  maxbytes: ["limitBytes"],
  limitbytes: ["maxBytes"],
  overwrite: ["force"],
  ignore: ["exclude"],
  filter: ["exclude"],
  onprogress: ["onProgress"],
  pty: ["tty"],
  terminal: ["tty"],
  rows: ["size"],
  cols: ["size"],
  columns: ["size"],
  id: ["processId"],
  name: ["processId", "clientName"],
  maxbuffer: ["limitBytes", "maxBytes"],
  auth: ["token"],
  bearer: ["token"],
  abortsignal: ["signal"],
  reconnect: ["recoveryMs"],
};
