import { parse, stringify, TomlDate, TomlError, type TomlTable, type TomlValue } from "smol-toml";

export type { TomlTable, TomlValue };

/**
 * A TOML document as a table. Integers are big and floats are numbers, so that printing keeps them apart.
 *
 * @throws {SyntaxError} `LINE:COLUMN: what is wrong`
 */
export function parseToml(text: string): TomlTable {
  try {
    return parse(text, { integersAsBigInt: true });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.split("\n")[0]!.replace("Invalid TOML document: ", "");
    throw new SyntaxError(`${error.line}:${error.column}: ${reason}`, { cause: error });
  }
}

/** A table as TOML text that ends with a newline. */
export function printToml(table: TomlTable): string {
  return stringify(table, { numbersAsFloat: true });
}

/**
 * The part of a table that lies at or on the way to some paths of keys, in the table's order. What is no table is
 * kept whole, also where a path goes on below it.
 */
export function selectToml(table: TomlTable, paths: readonly (readonly string[])[]): TomlTable {
  const selected = Object.entries(table).flatMap(([key, value]): [string, TomlValue][] => {
    const below = paths.filter(([first]) => first === key).map((path) => path.slice(1));
    if (below.length === 0) return [];
    const whole = !isTable(value) || below.some((path) => path.length === 0);
    return [[key, whole ? value : selectToml(value, below)]];
  });
  return Object.fromEntries(selected);
}

/** Whether a value is a table, as opposed to a list, a date or a plain value. */
export function isTable(value: TomlValue | undefined): value is TomlTable {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof TomlDate);
}
