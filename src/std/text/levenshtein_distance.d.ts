/** The part of `@std/text/levenshtein-distance` that this program calls. Source: the standard library's documentation. */

/** How many characters have to be put in, taken out or changed to make one text of another. */
export function levenshteinDistance(one: string, other: string): number;
