import { deepEqual } from "node:assert/strict";
import { cellRuns } from "../../src/screen/cell_runs.ts";
import { createEmulator } from "../../src/screen/emulator.ts";
import type { CellRun } from "../../src/protocol/schemas/screen.ts";

async function runsOf(text: string): Promise<CellRun[]> {
  const emulator = await createEmulator({ rows: 2, cols: 20 });
  emulator.write(text);
  return cellRuns(emulator.buffer, 0);
}

Deno.test("cells that look alike are one run, and blanks at the end are none", async () => {
  deepEqual(await runsOf("ab \x1b[32mcd\x1b[m  "), [{ text: "ab " }, { text: "cd", fg: 2 }]);
  deepEqual(await runsOf("   "), []);
  deepEqual(await runsOf("\x1b[10Gx"), [{ text: "         x" }]);
});

Deno.test("blanks at the end are told where they can be seen", async () => {
  deepEqual(await runsOf("a\x1b[44m  \x1b[m"), [{ text: "a" }, { text: "  ", bg: 4 }]);
  deepEqual(await runsOf("a\x1b[7m \x1b[m"), [{ text: "a" }, { text: " ", flags: ["inverse"] }]);
  deepEqual(await runsOf("a\x1b[1;31m \x1b[m"), [{ text: "a" }]);
});

Deno.test("colours are numbers of the palette or hexadecimal", async () => {
  deepEqual(await runsOf("\x1b[91;48;5;240ma\x1b[38;2;1;2;255mb"), [
    { text: "a", fg: 9, bg: 240 },
    { text: "b", fg: "#0102ff", bg: 240 },
  ]);
});

Deno.test("every flag has its name", async () => {
  deepEqual(await runsOf("\x1b[1;2;3;4;5;7;8;9;53mx"), [{
    text: "x",
    flags: [
      "bold",
      "dim",
      "italic",
      "underline",
      "blink",
      "inverse",
      "invisible",
      "strikethrough",
      "overline",
    ],
  }]);
});

Deno.test("wide cells are runs of their own, and so is a cell of several code points", async () => {
  deepEqual(await runsOf("a你好b"), [{ text: "a" }, { text: "你好", width: 2 }, { text: "b" }]);
  deepEqual(await runsOf("xe\u0301o\u0308y"), [
    { text: "x" },
    { text: "e\u0301", joined: true },
    { text: "o\u0308", joined: true },
    { text: "y" },
  ]);
  deepEqual(await runsOf("😀👨‍👩‍👧"), [{ text: "😀", width: 2 }, { text: "👨‍👩‍👧", width: 2, joined: true }]);
});
