import { deepStrictEqual as same } from "node:assert/strict";
import fc from "fast-check";
import {
  decodeLeniently,
  decodeStrictly,
  type Line,
  LineSplitter,
} from "../../src/transport/line_splitter.ts";

const encoder = new TextEncoder();

/** Cuts bytes at some places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  return [0, ...at].map((from, i) => bytes.slice(from, at[i] ?? bytes.length));
}

/** Everything that comes out. Chunks are overwritten once they were given, as their owner may. */
function split(chunks: readonly Uint8Array[], limitBytes = 1_000): Line[] {
  const splitter = new LineSplitter(limitBytes, decodeLeniently);
  const lines = chunks.flatMap((chunk) => {
    const found = splitter.push(chunk);
    chunk.fill(0x21);
    return found;
  });
  return [...lines, ...splitter.end()];
}

const line = (text: string): Line => ({ kind: "line", text });
const anyText = fc.string({ unit: "binary", maxLength: 40 }).map((text) =>
  text.replaceAll("\n", " ").replaceAll("\ufeff", " ")
);
const anyPlaces = fc.array(fc.nat(), { maxLength: 12 });

Deno.test("LineSplitter gives lines back wherever the stream is cut, characters included", () => {
  fc.assert(fc.property(fc.array(anyText), anyPlaces, (texts, places) => {
    const stream = encoder.encode(texts.map((text) => `${text}\n`).join(""));
    same(split(cut(stream, places)), texts.map(line));
  }));
});

Deno.test("LineSplitter tells of long lines, once each, and loses none of the others", () => {
  fc.assert(
    fc.property(fc.array(anyText), anyPlaces, fc.integer({ min: 1, max: 60 }), (texts, places, limit) => {
      const stream = encoder.encode(texts.map((text) => `${text}\n`).join(""));
      const expected = texts.map((text) =>
        encoder.encode(text).length > limit ? { kind: "tooLong" as const } : line(text)
      );
      same(split(cut(stream, places), limit), expected);
    }),
  );
});

Deno.test("LineSplitter takes a line byte by byte", () => {
  const bytes = encoder.encode('{"text":"äöü€🙂"}\n');
  same(split([...bytes].map((byte) => new Uint8Array([byte]))), [line('{"text":"äöü€🙂"}')]);
});

Deno.test("LineSplitter gives what stands after the last newline at the end, and nothing where that is nothing", () => {
  same(split([encoder.encode("a\nb")]), [line("a"), line("b")]);
  same(split([encoder.encode("a\n")]), [line("a")]);
  same(split([]), []);
});

Deno.test("LineSplitter tells of a long line before its end comes, and skips the rest", () => {
  const splitter = new LineSplitter(3, decodeLeniently);
  same(splitter.push(encoder.encode("abc")), []);
  same(splitter.push(encoder.encode("d")), [{ kind: "tooLong" }]);
  same(splitter.push(encoder.encode("efgh")), []);
  same(splitter.push(encoder.encode("i\nabc\n")), [line("abc")]);
  same(splitter.push(encoder.encode("wxyz")), [{ kind: "tooLong" }]);
  same(splitter.end(), []);
});

Deno.test("LineSplitter replaces what is no UTF-8, and drops a byte order mark", () => {
  same(split([new Uint8Array([0x61, 0xff, 0x62, 0x0a])]), [line("a\ufffdb")]);
  same(split([new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d, 0x0a])]), [line("{}")]);
});

Deno.test("LineSplitter tells a line that is no UTF-8 from others where it is to be strict, and keeps a mark", () => {
  const splitter = new LineSplitter(100, decodeStrictly);
  const chunk = new Uint8Array([0x61, 0xff, 0x0a, 0xef, 0xbb, 0xbf, 0x7b, 0x0a]);
  same(splitter.push(chunk), [{ kind: "line", text: undefined }, { kind: "line", text: "\ufeff{" }]);
});
