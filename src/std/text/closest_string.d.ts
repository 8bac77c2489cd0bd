/** The part of `@std/text/closest-string` that this program calls. Source: the standard library's documentation. */

/**
 * The entry that is most like a word.
 *
 * @throws {Error} when there are no entries
 */
export function closestString(givenWord: string, possibleWords: readonly string[]): string;
