import { closestString } from "../std/text/closest_string.ts";
import { levenshteinDistance } from "../std/text/levenshtein_distance.ts";

/** A third of a word's letters may be wrong, or one of a short word's; the words here are otherwise too far apart. */
const lettersPerMistake = 3;

/** The word that was probably meant; undefined where none is near. A word that another begins with is meant by it. */
export function nearest(given: string, words: readonly string[]): string | undefined {
  if (given === "") return undefined;
  const begun = words.filter((word) => word.startsWith(given.toLowerCase()));
  if (begun.length === 1) return begun[0];
  const word = closestString(given, words);
  const mistakes = levenshteinDistance(given.toLowerCase(), word.toLowerCase());
  return mistakes <= Math.max(1, Math.floor(word.length / lettersPerMistake)) ? word : undefined;
}
