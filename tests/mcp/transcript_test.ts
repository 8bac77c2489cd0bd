import { deepStrictEqual as same, strictEqual as is } from "node:assert/strict";
import { TOOL_OUTPUT_BYTES, TOOL_OUTPUT_HEAD_BYTES } from "../../src/limits.ts";
import { Transcript } from "../../src/mcp/tools/transcript.ts";

function transcriptOf(...texts: string[]): Transcript {
  const transcript = new Transcript();
  for (const text of texts) transcript.push(new TextEncoder().encode(text));
  return transcript;
}

Deno.test("output is read on from where it was read to, as whole characters", () => {
  const transcript = transcriptOf("aä", "€😀z");
  const parts: [number, string][] = [];
  for (let from = 0; from < transcript.end;) {
    const { to, text } = transcript.read(from, 4);
    parts.push([from, text]);
    from = to;
  }
  same(parts, [[0, "aä"], [3, "€"], [6, "😀"], [10, "z"]]);
});

Deno.test("a place before the end is moved to the begin of a character", () => {
  const transcript = transcriptOf("aä€");
  same(transcript.read(-4, 10), { from: 3, to: 6, text: "€" });
  same(transcript.read(-100, 10), { from: 0, to: 6, text: "aä€" });
  same(transcript.read(100, 10), { from: 6, to: 6, text: "" });
});

Deno.test("what is no text is told all the same, and a piece is never empty while there is more", () => {
  const transcript = new Transcript();
  transcript.push(Uint8Array.of(0xe2, 0x82, 0x80, 0x80, 0x80, 0x80, 0xff));
  let from = 0;
  for (let pieces = 0; from < transcript.end; pieces++) {
    const { to } = transcript.read(from, 1);
    is(to > from, true, `piece ${pieces}`);
    from = to;
  }
});

Deno.test("of much output the beginning and the newest are kept", () => {
  const line = (index: number) => `${String(index).padStart(9, "0")}\n`;
  const transcript = new Transcript();
  const lines = 400_000;
  for (let from = 0; from < lines; from += 1_000) {
    const text = Array.from({ length: 1_000 }, (_, i) => line(from + i)).join("");
    transcript.push(new TextEncoder().encode(text));
  }
  is(transcript.end, lines * 10);
  is(transcript.read(0, 20).text, line(0) + line(1));
  is(transcript.read(-10, 20).text, line(lines - 1));
  const newest = lines * 10 - TOOL_OUTPUT_BYTES;
  is(transcript.read(newest, TOOL_OUTPUT_BYTES).text.length, TOOL_OUTPUT_BYTES);
  const gone = transcript.read(TOOL_OUTPUT_HEAD_BYTES, 10);
  is(gone.from > TOOL_OUTPUT_HEAD_BYTES && gone.from <= newest, true);
});
