import assert from "node:assert/strict";
import fc from "fast-check";
import { concat } from "@std/bytes/concat";
import { PlainText } from "../../src/recording/plain_text.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const plain = (text: string) => new TextDecoder().decode(new PlainText().push(encode(text)));

Deno.test("what drives a terminal is taken out of a text", () => {
  assert.equal(plain("\x1b[1;31mred\x1b[0m é 你\r\n\ttab\x07\b"), "red é 你\n\ttab");
  assert.equal(plain("\x1b]0;title\x07a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\"), "alink");
  assert.equal(plain("\x1b(Bb\x1bMc\x1b7\x1b[?25ld\x1bPq#0\x1b\\e\x1b_x\x1b\\"), "bcde");
  assert.equal(plain("10%\r20%\r\r\nend\x7f"), "10%\n20%\nend");
  assert.equal(plain("\x1b]0;never ends\x1b[31ma"), "a");
});

Deno.test("a text is the same in whatever pieces it comes", () => {
  const bytes = fc.array(
    fc.constantFrom(
      "a",
      "\r",
      "\n",
      "\x1b",
      "[",
      "]",
      "0;1",
      "m",
      "\x07",
      "\\",
      "(B",
      "P",
      "é",
      "\t",
      "\x9b",
      "\x1b[1m",
    ),
    { maxLength: 40 },
  ).map((parts) => encode(parts.join("")));
  fc.assert(
    fc.property(bytes, fc.nat(), (bytes, at) => {
      const middle = bytes.length === 0 ? 0 : at % bytes.length;
      const first = new PlainText();
      const begun = first.push(bytes.subarray(0, middle));
      const rest = new PlainText(first.state).push(bytes.subarray(middle));
      assert.deepEqual(concat([begun, rest]), new PlainText().push(bytes));
    }),
    { numRuns: 500 },
  );
});
