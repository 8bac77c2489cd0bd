import { strictEqual as is } from "node:assert/strict";
import { PrefixedLines } from "../../src/cli/prefixed_lines.ts";
import { FLEET_LINE_BYTES } from "../../src/limits.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

Deno.test("each line comes behind the prefix once it has its end", () => {
  const lines = new PrefixedLines("web | ");
  is(decode(lines.add(encode("a\n\nb"))), "web | a\nweb | \n");
  is(decode(lines.add(encode("c"))), "");
  is(decode(lines.add(encode("d\r\ne\n"))), "web | bcd\r\nweb | e\n");
  is(decode(lines.end()), "");
});

Deno.test("the last line gets an end where it has none", () => {
  const lines = new PrefixedLines("> ");
  is(decode(lines.add(encode("one\ntwo"))), "> one\n");
  is(decode(lines.end()), "> two\n");
  is(decode(lines.end()), "");
});

Deno.test("bytes that are no text come as they are", () => {
  const lines = new PrefixedLines("");
  const bytes = Uint8Array.of(0xff, 0, 0xc3, 10);
  is(lines.add(bytes).join(), bytes.join());
});

Deno.test("a line without an end is not gathered for ever, and loses nothing", () => {
  const lines = new PrefixedLines("> ");
  const piece = encode("x".repeat(1_000));
  let text = "";
  let longest = 0;
  for (let i = 0; i < 200; i++) text += decode(lines.add(piece));
  text += decode(lines.end());
  for (const line of text.split("\n")) longest = Math.max(longest, line.length);
  is(text.replace(/> |\n/g, ""), "x".repeat(200_000));
  is(longest <= FLEET_LINE_BYTES + 1_000 + 2, true);
});
