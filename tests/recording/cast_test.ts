import assert from "node:assert/strict";
import fc from "fast-check";
import { concat } from "@std/bytes/concat";
import { type CastEvent, CastReader } from "../../src/recording/cast_reader.ts";
import { CastWriter } from "../../src/recording/cast_writer.ts";
import type { StandardStream } from "../../src/protocol/schemas/process.ts";

const header = { size: { rows: 24, cols: 80 }, timestamp: 1_700_000_000 };

function read(lines: readonly string[]): CastEvent[] {
  const reader = new CastReader();
  return lines.map((line) => reader.read(line)).filter((event) => event !== undefined);
}

/** Records pieces, one a millisecond, and gives back what a reader makes of it. */
function recorded(
  pieces: readonly { readonly stream: StandardStream; readonly bytes: Uint8Array }[],
): CastEvent[] {
  const lines: string[] = [];
  const writer = CastWriter.begin(header, 0, (line) => lines.push(line));
  for (const [i, { stream, bytes }] of pieces.entries()) writer.output(i, stream, bytes);
  writer.end(pieces.length, 7);
  return read(lines);
}

function bytesOf(events: readonly CastEvent[], stream: StandardStream): Uint8Array {
  return concat(
    events.flatMap((event) => event.kind === "output" && event.stream === stream ? [event.bytes] : []),
  );
}

const text = 'héllo 日本語 👩‍👩‍👧 \u001b[31m\r\n\0"\\\u2028\ufeff';

Deno.test("a recording gives back every byte of every stream, however it came in pieces", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constant(new TextEncoder().encode(text)),
  );
  const piece = fc.record({ stream: fc.constantFrom("stdout" as const, "stderr" as const), bytes });
  const cut = (pieces: { stream: StandardStream; bytes: Uint8Array }[], at: number) =>
    pieces.flatMap(({ stream, bytes }) => {
      const middle = bytes.length === 0 ? 0 : at % bytes.length;
      return [bytes.subarray(0, middle), bytes.subarray(middle)].map((bytes) => ({ stream, bytes }));
    });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.nat(), (pieces, at) => {
      const events = recorded(cut(pieces, at));
      for (const stream of ["stdout", "stderr"] as const) {
        const written = concat(pieces.flatMap((piece) => piece.stream === stream ? [piece.bytes] : []));
        assert.deepEqual(bytesOf(events, stream), written);
      }
      assert.deepEqual(events.at(-1), { kind: "exit", atMs: pieces.length * 2, exitCode: 7 });
    }),
    { numRuns: 300 },
  );
});

Deno.test("a character that is cut at any of its bytes is one character", () => {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at <= bytes.length; at++) {
    const lines: string[] = [];
    const writer = CastWriter.begin(header, 0, (line) => lines.push(line));
    writer.output(0, "stdout", bytes.subarray(0, at));
    writer.output(1, "stdout", bytes.subarray(at));
    writer.end(2, null);
    assert.ok(!lines.some((line) => line.startsWith("#b") || line.includes("\ufffd")), `cut at ${at}`);
  }
});

Deno.test("times are rounded without drifting", () => {
  const lines: string[] = [];
  const writer = CastWriter.begin(header, 0, (line) => lines.push(line));
  for (let i = 1; i <= 10_000; i++) writer.output(i * 1.4, "stdout", new Uint8Array([65]));
  const last = read(lines).at(-1) as { atMs: number };
  assert.ok(Math.abs(last.atMs - 14_000) < 1, `${last.atMs}`);
});

Deno.test("a recording is asciicast v3, with sizes, markers and the exit", () => {
  const lines: string[] = [];
  const writer = CastWriter.begin(
    { ...header, term: "xterm-256color", title: "a title" },
    1_000,
    (line) => lines.push(line),
  );
  writer.output(1_250, "pty", new TextEncoder().encode("hi\r\n"));
  writer.resize(1_250, { rows: 30, cols: 100 });
  writer.marker(3_500, "gap 5 bytes");
  writer.end(4_000, 0);
  assert.deepEqual(lines.slice(1), [
    '[0.250, "o", "hi\\r\\n"]',
    '[0.000, "r", "100x30"]',
    '[2.250, "m", "gap 5 bytes"]',
    '[0.500, "x", "0"]',
  ]);
  assert.deepEqual(JSON.parse(lines[0]!), {
    version: 3,
    term: { cols: 80, rows: 24, type: "xterm-256color" },
    timestamp: 1_700_000_000,
    title: "a title",
  });
});

Deno.test("a reader takes asciicast v2, whose times are absolute, and leaves out what it does not know", () => {
  const events = read([
    '{"version": 2, "width": 80, "height": 24}',
    '[1.5, "o", "a"]',
    "",
    '[2.0, "i", "typed"]',
    '[2.5, "o", "b"]',
  ]);
  assert.deepEqual(events.slice(1).map((event) => "atMs" in event && event.atMs), [1_500, 2_500]);
});

Deno.test("what is no recording is refused, and the line named", () => {
  assert.throws(() => read(["hello"]), /line 1: this is no JSON/);
  assert.throws(() => read(['{"version": 1}']), /line 1: this is no recording in asciicast v2 or v3/);
  assert.throws(
    () => read(['{"version":3,"term":{"cols":1,"rows":1}}', '{"a":1}']),
    /line 2: an event is a list/,
  );
});
