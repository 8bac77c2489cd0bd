import assert from "node:assert/strict";
import { LogLines } from "../../src/console/page/logs/log_lines.ts";
import { LogSearch } from "../../src/console/page/logs/log_search.ts";
import { ShownLines } from "../../src/console/page/logs/shown_lines.ts";

const encode = (text: string) => new TextEncoder().encode(text);

function scene(maxChars = 1e6) {
  const lines = new LogLines({ maxChars, maxLineChars: 1_000 });
  const shown = new ShownLines(lines);
  const search = new LogSearch(lines, shown, () => new Promise((resolve) => setTimeout(resolve)));
  const add = (kind: "stdout" | "stderr", text: string) => {
    lines.add(kind, encode(text));
    shown.update();
  };
  return { lines, shown, search, add };
}

Deno.test("a text is found whatever its capitals, and in what comes later", async () => {
  const { search, add } = scene();
  add("stdout", "Error one\nfine\n");
  await search.begin("ERROR");
  assert.deepEqual(search.matches, [0]);
  add("stderr", "an error\nfi");
  await search.go();
  assert.deepEqual(search.matches, [0, 2]);
});

Deno.test("a line that grows until it has the text is found, once and in its place", async () => {
  const { search, add } = scene();
  add("stdout", "an er");
  add("stderr", "error\n");
  await search.begin("error");
  add("stdout", "ror, ");
  await search.go();
  add("stdout", "more\n");
  await search.go();
  assert.deepEqual(search.matches, [0, 1]);
});

Deno.test("only lines that are seen are found, and each of them", async () => {
  const { shown, search, add } = scene();
  for (let at = 0; at < 3_000; at++) add(at % 3 === 0 ? "stderr" : "stdout", `x ${at}\n`);
  shown.choose("stderr");
  assert.equal(shown.length, 1_000);
  await search.begin("x");
  assert.equal(search.matches.length, 1_000);
  assert.equal(shown.numberAt(7), 21);
  assert.equal(shown.placeOf(21), 7);
  add("stderr", "x more\n");
  await search.go();
  assert.equal(search.matches.at(-1), 3_000);
});

Deno.test("one goes from match to match, and round", async () => {
  const { search, add } = scene();
  add("stdout", "a\nb\na\nb\na\n");
  await search.begin("a");
  assert.deepEqual([search.next(0, 1), search.next(4, 1), search.next(2, -1), search.next(0, -1)], [
    2,
    0,
    0,
    4,
  ]);
  await search.begin("c");
  assert.equal(search.next(0, 1), undefined);
});

Deno.test("lines that are no more are neither found nor seen", async () => {
  const { lines, shown, search, add } = scene(5_000);
  shown.choose("stdout");
  await search.begin("line");
  for (let at = 0; at < 2_000; at++) {
    add("stdout", `line ${at}\n`);
    if (at % 100 === 0) await search.go();
  }
  await search.go();
  assert.equal(search.matches[0], lines.first);
  assert.equal(shown.numberAt(0), lines.first);
  assert.equal(shown.length, search.matches.length);
  assert.equal(shown.dropped, lines.first);
});
