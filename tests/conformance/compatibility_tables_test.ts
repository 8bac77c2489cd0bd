import assert from "node:assert/strict";
import { parseCompatibilityTables } from "./compatibility_tables.ts";

function document(differences: string[], pending: string[] = []): string {
  return [
    "# Title",
    "",
    "| Vector | Where     | Here | Why |",
    "| ------ | --------- | ---- | --- |",
    ...differences,
    "",
    "| Another | table |",
    "| --- | --- |",
    "| of no | interest |",
    "",
    "| Area | Why |",
    "| ---- | --- |",
    ...pending,
    "",
  ].join("\n");
}

Deno.test("both tables are read, whatever the width of their columns", () => {
  const tables = parseCompatibilityTables(document(
    ["| `a vector`   | all | this | because |", "|`b, too (x)`|deno, bun, sometimes|that|so|"],
    ["| `tty` | later |", "| `requires: sandbox` | later |"],
  ));
  assert.deepEqual(tables, {
    differences: [
      { vector: "a vector", where: ["all"], sometimes: false },
      { vector: "b, too (x)", where: ["deno", "bun"], sometimes: true },
    ],
    pending: ["tty", "requires: sandbox"],
  });
});

Deno.test("tables without rows are read as empty", () => {
  assert.deepEqual(parseCompatibilityTables(document([])), { differences: [], pending: [] });
});

const faults: [what: string, markdown: string, message: RegExp][] = [
  ["a missing table", "| Area | Why |\n| --- | --- |\n", /header "Vector \| Where \| Here \| Why", found 0/],
  ["a table that stands there twice", document([]) + document([]), /found 2/],
  ["a row without a reason", document(["| `a` | all | this | |"]), /incomplete/],
  ["a row with a cell too many", document([], ["| `tty` | later | much |"]), /incomplete/],
  ["a name without backticks", document(["| a | all | this | so |"]), /"a" must stand in backticks/],
  ["an unknown place", document(["| `a` | deno, node | this | so |"]), /"Where" of "`a`" names "node"/],
  [
    "a vector with two rows",
    document(["| `a` | bun | x | y |", "| `a` | deno | x | y |"]),
    /"a" stands there twice/,
  ],
  ["an area with two rows", document([], ["| `tty` | x |", "| `tty` | y |"]), /"tty" stands there twice/],
];

for (const [what, markdown, message] of faults) {
  Deno.test(`${what} is refused`, () => {
    assert.throws(() => parseCompatibilityTables(markdown), message);
  });
}
