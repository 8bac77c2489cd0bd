import assert from "node:assert/strict";
import { ByteReader } from "./byte_reader.ts";
import { encodeFrame, Opcode, readFrame } from "./frame.ts";

/** A connection that delivers its bytes in small pieces. */
function source(bytes: Uint8Array, pieceSize: number) {
  let offset = 0;
  return {
    read(into: Uint8Array) {
      if (offset >= bytes.length) return Promise.resolve(null);
      const piece = bytes.subarray(offset, offset + pieceSize);
      into.set(piece);
      offset += piece.length;
      return Promise.resolve(piece.length);
    },
  };
}

Deno.test("a frame of every length form is read as it was written", async () => {
  for (const length of [0, 125, 126, 65_535, 65_536, 300_000]) {
    const payload = Uint8Array.from({ length }, (_, index) => index % 251);
    const bytes = encodeFrame(payload, { mask: false, final: false, opcode: Opcode.binary });
    const frame = await readFrame(new ByteReader(source(bytes, 1000)));
    assert.deepEqual(frame, { opcode: Opcode.binary, final: false, payload });
  }
});

Deno.test("a frame is masked unless that is forbidden", () => {
  const payload = new TextEncoder().encode("hello");
  assert.deepEqual([...encodeFrame(payload)], [0x81, 0x85, 9, 8, 7, 6, ...[97, 109, 107, 106, 102]]);
  assert.deepEqual([...encodeFrame(payload, { mask: false })], [0x81, 0x05, ...payload]);
});

Deno.test("bytes after the head of an HTTP answer are kept for the next read", async () => {
  const reader = new ByteReader(source(new TextEncoder().encode("HTTP/1.1 101\r\nA: b\r\n\r\nrest"), 7));
  assert.equal(await reader.head(), "HTTP/1.1 101\r\nA: b");
  assert.equal(new TextDecoder().decode(await reader.exactly(4)), "rest");
});

Deno.test("a connection that ends too early is an error", async () => {
  const reader = new ByteReader(source(new Uint8Array(3), 3));
  await assert.rejects(reader.exactly(4), Deno.errors.UnexpectedEof);
});
