/** Reads the two tables of docs/compatibility.md. */

/** Where a difference is seen. */
export type Place = "all" | "deno" | "bun" | "binary";

/** A vector that this server fails on purpose. */
export interface Difference {
  vector: string;
  where: Place[];
  /** Whether it depends on how the kernel cuts a pipe's bytes, so that the vector may pass too. */
  sometimes: boolean;
}

/** What the document says. */
export interface CompatibilityTables {
  /** Rows of the table `Vector | Where | Here | Why`. */
  differences: Difference[];
  /** First cells of the table `Area | Why`: an area, or `requires: ABILITY`. */
  pending: string[];
}

const places: readonly string[] = ["all", "deno", "bun", "binary"] satisfies Place[];

/**
 * Finds both tables in Markdown text, each by its header.
 *
 * @throws {Error} when a table is missing or doubled, or a row is incomplete, doubled or cannot be read
 */
export function parseCompatibilityTables(markdown: string): CompatibilityTables {
  const differences = table(markdown, ["Vector", "Where", "Here", "Why"]).map(([vector = "", where = ""]) => {
    const words = where.split(",").map((place) => place.trim());
    const listed = words.filter((word) => word !== "sometimes");
    const wrong = listed.find((place) => !places.includes(place));
    if (listed.length === 0) throw new Error(`"Where" of "${vector}" names no place`);
    if (wrong !== undefined) {
      throw new Error(`"Where" of "${vector}" names "${wrong}", not one of ${places.join(", ")}`);
    }
    return { vector: unquote(vector), where: listed as Place[], sometimes: words.length > listed.length };
  });
  const pending = table(markdown, ["Area", "Why"]).map(([area = ""]) => unquote(area));
  for (const names of [differences.map(({ vector }) => vector), pending]) {
    const doubled = names.find((name, index) => names.indexOf(name) !== index);
    if (doubled !== undefined) throw new Error(`The row "${doubled}" stands there twice`);
  }
  return { differences, pending };
}

/** Cells of the rows below the header. */
function table(markdown: string, header: string[]): string[][] {
  const lines = markdown.split("\n").map(cells);
  const starts = lines.flatMap((line, index) => line?.join("|") === header.join("|") ? [index] : []);
  const [start] = starts;
  const name = header.join(" | ");
  if (start === undefined || starts.length > 1) {
    throw new Error(`Expected one table with the header "${name}", found ${starts.length}`);
  }
  const rows: string[][] = [];
  for (const row of lines.slice(start + 2)) {
    if (!row) break;
    if (row.length !== header.length || row.includes("")) {
      throw new Error(`A row of "${name}" is incomplete: "${row.join(" | ")}"`);
    }
    rows.push(row);
  }
  return rows;
}

/** The trimmed cells of a table's line; undefined for any other line. */
function cells(line: string): string[] | undefined {
  return /^\|(.*)\|\s*$/.exec(line)?.[1]?.split("|").map((cell) => cell.trim());
}

function unquote(cell: string): string {
  const name = /^`(.+)`$/.exec(cell)?.[1];
  if (name === undefined) throw new Error(`The name "${cell}" must stand in backticks`);
  return name;
}
