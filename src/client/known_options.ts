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
  known: Readonly<Record<string, true>>,
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
  stdin: ["pipeStdin"],
  pty: ["tty"],
  terminal: ["tty"],
  rows: ["size"],
  cols: ["size"],
  columns: ["size"],
  id: ["processId"],
  name: ["processId", "clientName"],
  maxbuffer: ["limitBytes"],
  auth: ["token"],
  bearer: ["token"],
  abortsignal: ["signal"],
  reconnect: ["recoveryMs"],
};
