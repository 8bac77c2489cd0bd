import { strictEqual as is } from "node:assert/strict";
import fc from "fast-check";
import { TailBuffer } from "../../src/machine/tail_buffer.ts";

Deno.test("TailBuffer keeps the last bytes, however they came", () => {
  const ascii = fc.string({ unit: "grapheme-ascii", maxLength: 50 });
  fc.assert(fc.property(fc.array(ascii), fc.integer({ min: 1, max: 30 }), (texts, limit) => {
    const tail = new TailBuffer(limit);
    let all = "";
    for (const text of texts) {
      tail.push(new TextEncoder().encode(text));
      all += text;
      is(tail.text(), all.slice(-limit));
    }
  }));
});

Deno.test("TailBuffer begins with a whole character where the stream was cut", () => {
  const bytes = new TextEncoder().encode("xx€€");
  for (const chunks of [[bytes], [...bytes].map((byte) => new Uint8Array([byte]))]) {
    const tail = new TailBuffer(5);
    for (const chunk of chunks) tail.push(chunk);
    is(tail.text(), "€");
  }
});

Deno.test("TailBuffer shows a stream as it is where nothing was cut", () => {
  const tail = new TailBuffer(10);
  is(tail.text(), "");
  tail.push(new Uint8Array([0x82, 0x61]));
  is(tail.text(), "\ufffda");
});
