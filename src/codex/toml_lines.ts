/** One of several tables of a name, as `[[table]]` begins them. */
export interface TableEntry {
  readonly table: string;
  /** 0 for the first. */
  readonly index: number;
}

/**
 * The line on which a key stands, counted from 1: at the top of a document or in one of its `[[tables]]`. Where the key is
 * not written as one, the line of its table; undefined where that is not either. For messages only: a document may say
 * the same in many ways, and the usual ones are found.
 */
export function lineOfKey(text: string, key: string, entry?: TableEntry): number | undefined {
  const name = (word: string) => `["']?${word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}["']?`;
  const header = entry && new RegExp(`^\\s*\\[\\[\\s*${name(entry.table)}\\s*\\]\\]`);
  const assigned = new RegExp(`^\\s*${name(key)}\\s*[=.]`);
  const below = new RegExp(
    `^\\s*\\[{1,2}\\s*(?:${name(entry?.table ?? "")}\\s*\\.\\s*)?${name(key)}\\s*[\\].]`,
  );
  let index = -1;
  let begin: number | undefined;
  for (const [at, line] of text.split("\n").entries()) {
    if (header?.test(line)) {
      if (index === entry!.index) return begin;
      index++;
      if (index === entry!.index) begin = at + 1;
    } else if (index === (entry?.index ?? -1) && (assigned.test(line) || below.test(line))) return at + 1;
  }
  return begin;
}
