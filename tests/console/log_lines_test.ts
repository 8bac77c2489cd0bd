import assert from "node:assert/strict";
import { LogLines } from "../../src/console/page/logs/log_lines.ts";

const encode = (text: string) => new TextEncoder().encode(text);

function made(options: Partial<ConstructorParameters<typeof LogLines>[0]> = {}): LogLines {
  return new LogLines({ maxChars: 100_000, maxLineChars: 1_000, ...options });
}

function shown(lines: LogLines): string[] {
  const texts: string[] = [];
  for (let number = lines.first; number < lines.end; number++) {
    const { kind, text } = lines.at(number)!;
    texts.push(`${kind} ${text}`);
  }
  return texts;
}

Deno.test("lines of two streams stay apart, wherever they are cut", () => {
  const lines = made();
  lines.add("stdout", encode("one\ntw"));
  lines.add("stderr", encode("err"));
  lines.add("stdout", encode("o\n\nthree"));
  lines.add("stderr", encode("or\n"));
  assert.deepEqual(shown(lines), ["stdout one", "stdout two", "stderr error", "stdout ", "stdout three"]);
});

Deno.test("a character and an escape code that are cut are put together", () => {
  const bytes = encode("\x1b[31mgrün € 🙂\x1b[0m\x1b]0;title\x07!\n");
  const lines = made();
  for (const byte of bytes) lines.add("stdout", Uint8Array.of(byte));
  assert.deepEqual(shown(lines), ["stdout grün € 🙂!"]);
});

Deno.test("what is written over stands below what was there", () => {
  const lines = made();
  lines.add("stdout", encode("10 %\r20 %\r\nend\r\n"));
  assert.deepEqual(shown(lines), ["stdout 10 %", "stdout 20 %", "stdout end"]);
});

Deno.test("a line that is too long goes on in the next", () => {
  const lines = made({ maxLineChars: 4 });
  lines.add("stdout", encode("abcdef"));
  lines.add("stdout", encode("gh"));
  lines.add("stdout", encode("ij\nk"));
  assert.deepEqual(shown(lines), ["stdout abcd", "stdout efgh", "stdout ij", "stdout k"]);
});

Deno.test("the oldest lines go, and numbers stay", () => {
  const lines = made({ maxChars: 10_000 });
  for (let at = 0; at < 5_000; at++) lines.add("stdout", encode(`line ${at}\n`));
  assert.equal(lines.end, 5_000);
  assert.ok(lines.first > 4_500 && lines.first < 4_990, String(lines.first));
  assert.equal(lines.at(lines.first - 1), undefined);
  assert.equal(lines.at(lines.first)!.text, `line ${lines.first}`);
  assert.equal(lines.at(4_999)!.text, "line 4999");
});

Deno.test("a notice stands between lines, and what is said after it begins a line", () => {
  const lines = made();
  lines.add("stdout", encode("before"));
  lines.note("gap");
  lines.add("stdout", encode("after\n"));
  assert.deepEqual(shown(lines), ["stdout before", "notice gap", "stdout after"]);
});
