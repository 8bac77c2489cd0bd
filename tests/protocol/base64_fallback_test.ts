import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { decodeBase64Fallback, encodeBase64Fallback } from "../../src/protocol/base64_fallback.ts";

for (const [place, buffer] of [["Node", Buffer], ["a browser", null]] as const) {
  Deno.test(`any bytes survive base64 without the methods of Uint8Array, as in ${place}`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(5), (all, from) => {
        const bytes = all.subarray(from);
        const text = encodeBase64Fallback(bytes, buffer as never);
        assert.equal(text, bytes.toBase64());
        const decoded = decodeBase64Fallback(text, buffer as never)!;
        assert.deepEqual(decoded, new Uint8Array(bytes));
        assert.equal(decoded.constructor, Uint8Array);
      }),
      { seed: 12, numRuns: 1000 },
    );
  });

  Deno.test(`what Uint8Array does not decode is not decoded without it, as in ${place}`, () => {
    const text = fc.string({ unit: fc.constantFrom("A", "B", "Q", "/", "+", "=", " ", "-"), maxLength: 10 });
    fc.assert(
      fc.property(text, (text) => {
        const bytes = decodeBase64Fallback(text, buffer as never);
        const canonical = Buffer.from(text, "base64").toString("base64") === text;
        assert.equal(bytes !== undefined, canonical);
      }),
      { seed: 13, numRuns: 5000 },
    );
  });

  Deno.test(`many bytes survive base64 without the methods of Uint8Array, as in ${place}`, () => {
    const bytes = new Uint8Array(20_000_003).map((_, at) => (at * 7) >> 3);
    const text = encodeBase64Fallback(bytes, buffer as never);
    assert.equal(text, bytes.toBase64());
    assert.ok(Buffer.from(decodeBase64Fallback(text, buffer as never)!).equals(bytes));
  });
}
