/**
 * The entry that is most like a word, whatever the case of its letters.
 *
 * @throws {TypeError} when there are no entries
 */
export function closestString(givenWord: string, possibleWords: readonly string[]): string {
  if (possibleWords.length === 0) throw new TypeError("There is no word to choose from");
  const given = givenWord.toLowerCase();
  const distances = possibleWords.map((word) => levenshteinDistance(given, word.toLowerCase()));
  return possibleWords[distances.indexOf(Math.min(...distances))]!;
}

/** How many letters must be put in, taken out or replaced to make one word of another. */
export function levenshteinDistance(from: string, to: string): number {
  const letters = [...to];
  // One row of the usual table: the distances from what was read of `from` to every beginning of `to`.
  let row = Array.from({ length: letters.length + 1 }, (_, index) => index);
  for (const letter of from) {
    const next = [row[0]! + 1];
    for (const [index, other] of letters.entries()) {
      const replaced = row[index]! + Number(letter !== other);
      next.push(Math.min(replaced, row[index + 1]! + 1, next[index]! + 1));
    }
    row = next;
  }
  return row[letters.length]!;
}
