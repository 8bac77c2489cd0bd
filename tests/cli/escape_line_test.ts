import assert from "node:assert/strict";
import fc from "fast-check";
import { EscapeLine, parseEscapeChar } from "../../src/cli/escape_line.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** What is passed on of some keys, with what is asked for in angle brackets behind it. */
function typed(...parts: string[]): string {
  const line = new EscapeLine("~");
  return parts.map((part) => {
    const { typed, asked } = line.push(encode(part));
    return new TextDecoder().decode(typed) + asked.map((request) => `<${request}>`).join("");
  }).join("");
}

Deno.test("an escape is one at the start of a line only", () => {
  assert.equal(typed("~."), "<end>");
  assert.equal(typed("ls\r~?"), "ls\r<help>");
  assert.equal(typed("a\n", "~", "."), "a\n<end>");
  assert.equal(typed("a~.\r"), "a~.\r");
  assert.equal(typed("~?", "~."), "<help><end>");
  assert.equal(typed("cd ~", ".\r"), "cd ~.\r");
});

Deno.test("what is no escape is passed on as it was typed, and twice the character is the character", () => {
  assert.equal(typed("~~."), "~.");
  assert.equal(typed("~user\r"), "~user\r");
  assert.equal(typed("~", "\r~."), "~\r<end>");
  assert.equal(typed("~~\r", "~", "~", "~"), "~\r~~");
});

Deno.test("keys are the same in whatever pieces they come, and without escapes none is lost", () => {
  const keys = fc.array(fc.constantFrom("~", ".", "?", "\r", "\n", "a", "é"), { maxLength: 20 })
    .map((keys) => keys.join(""));
  fc.assert(fc.property(keys, fc.nat(), (keys, at) => {
    const whole = new EscapeLine("~").push(encode(keys));
    const cut = new EscapeLine("~");
    const bytes = encode(keys);
    const parts = [bytes.subarray(0, at % (bytes.length + 1)), bytes.subarray(at % (bytes.length + 1))]
      .map((part) => cut.push(part));
    assert.deepEqual(parts.flatMap(({ typed }) => [...typed]), [...whole.typed]);
    assert.deepEqual(parts.flatMap(({ asked }) => asked), whole.asked);
  }));
  const { typed, asked } = new EscapeLine("^").push(encode("~.\r~?\r"));
  assert.deepEqual([new TextDecoder().decode(typed), asked], ["~.\r~?\r", []]);
});

Deno.test("the character is one, or none", () => {
  assert.equal(parseEscapeChar(), "~");
  assert.equal(parseEscapeChar("%"), "%");
  assert.equal(parseEscapeChar("none"), undefined);
  for (const text of ["", "~~", "é", " ", "\x01", ".", "?"]) {
    assert.throws(() => parseEscapeChar(text), /--escape-char takes one character such as ~, or none/);
  }
});
