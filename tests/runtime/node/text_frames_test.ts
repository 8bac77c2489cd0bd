import assert from "node:assert/strict";
import { BUFFERED_OUTPUT_BYTES, FLOOD_CHUNK_BYTES, IDLE_MESSAGE_BUFFERS } from "../../../src/limits.ts";
import { base64Frame, shortFrame } from "../../../src/runtime/node/text_frames.ts";

function random(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

/** The payload of a frame, which has to be one whole unmasked text. */
function payloadOf(frame: Uint8Array): string {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  assert.equal(view.getUint8(0), 0x81);
  const short = view.getUint8(1);
  assert.ok(short < 128, "it is not masked");
  const [head, length] = short === 127
    ? [10, Number(view.getBigUint64(2))]
    : short === 126
    ? [4, view.getUint16(2)]
    : [2, short];
  assert.equal(frame.length, head + length);
  assert.equal(head, length < 126 ? 2 : length < 65_536 ? 4 : 10, "the length is as short as it can be");
  return new TextDecoder().decode(frame.subarray(head));
}

Deno.test("the frame of a short text has every byte of it", () => {
  for (
    const text of [
      "",
      "x",
      "x".repeat(125),
      "x".repeat(126),
      "€".repeat(42),
      "é".repeat(1_000),
      "€".repeat(1_000),
    ]
  ) {
    assert.equal(payloadOf(shortFrame(text)!), text);
  }
  assert.equal(shortFrame("x".repeat(1_001)), undefined);
});

Deno.test("a frame is the text, the base64 and the text, at every length around a part", () => {
  const part = 24 * 1024;
  const lengths = [
    BUFFERED_OUTPUT_BYTES,
    48_000,
    49_200,
    part - 1,
    part,
    part + 1,
    3 * part + 2,
    FLOOD_CHUNK_BYTES,
  ];
  for (const length of lengths) {
    const bytes = random(length);
    const { frame, release } = base64Frame('{"é€":"', bytes, '"}')!;
    assert.ok(payloadOf(frame) === `{"é€":"${bytes.toBase64()}"}`, `${length} bytes`);
    release();
  }
});

Deno.test("what is too short, too long or has too long a text is no frame", () => {
  assert.equal(base64Frame("", random(BUFFERED_OUTPUT_BYTES - 1), ""), undefined);
  assert.equal(base64Frame("", random(FLOOD_CHUNK_BYTES + 1), ""), undefined);
  assert.equal(base64Frame("€".repeat(3_000), random(FLOOD_CHUNK_BYTES), ""), undefined);
});

Deno.test("a buffer is used again once its frame is written, and never before, nor after a failure", () => {
  const bytes = random(FLOOD_CHUNK_BYTES);
  const [first, second] = [base64Frame("1", bytes, "")!, base64Frame("2", bytes, "")!];
  assert.notEqual(first.frame.buffer, second.frame.buffer);
  assert.equal(payloadOf(first.frame)[0], "1");
  first.release();
  const third = base64Frame("3", bytes, "")!;
  assert.equal(third.frame.buffer, first.frame.buffer);
  third.release(new Error("The socket is closed"));
  const fourth = base64Frame("4", bytes, "")!;
  assert.ok(fourth.frame.buffer !== third.frame.buffer && fourth.frame.buffer !== second.frame.buffer);
  assert.equal(payloadOf(second.frame)[0], "2");
});

Deno.test("idle buffers are few, however many were needed at once", () => {
  const bytes = random(BUFFERED_OUTPUT_BYTES);
  const burst = Array.from({ length: 50 }, () => base64Frame("", bytes, "")!);
  const buffers = new Set(burst.map(({ frame }) => frame.buffer));
  assert.equal(buffers.size, 50);
  for (const { release } of burst) release();
  const again = Array.from({ length: 50 }, () => base64Frame("", bytes, "")!);
  assert.equal(again.filter(({ frame }) => buffers.has(frame.buffer)).length, IDLE_MESSAGE_BUFFERS);
});
