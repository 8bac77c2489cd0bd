import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { base64Capacity, Base64Error, decodeBase64, encodeBase64 } from "../../src/protocol/base64.ts";

Deno.test("any bytes survive base64", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = encodeBase64(bytes);
      assert.equal(text, Buffer.from(bytes).toString("base64"));
      assert.deepEqual(decodeBase64(text), new Uint8Array(bytes));
    }),
    { seed: 10, numRuns: 1000 },
  );
});

Deno.test("base64Capacity() is how many bytes fit, and one more does not", () => {
  for (let chars = 0; chars < 40; chars++) {
    const bytes = base64Capacity(chars);
    assert.ok(encodeBase64(new Uint8Array(bytes)).length <= chars);
    assert.ok(encodeBase64(new Uint8Array(bytes + 1)).length > chars);
  }
});

for (
  const [text, message] of [
    ["@@@@", "Invalid symbol 64, offset 0."],
    ["AA@=", "Invalid symbol 64, offset 2."],
    ["AAAA BBBB", "Invalid symbol 32, offset 4."],
    ["AAAA\nBBBB", "Invalid symbol 10, offset 4."],
    ["AAAA\t", "Invalid symbol 9, offset 4."],
    ["AA==\r\n", "Invalid symbol 13, offset 4."],
    ["A A\f=\n=", "Invalid symbol 32, offset 1."],
    ["    ", "Invalid symbol 32, offset 0."],
    [" AAAA", "Invalid symbol 32, offset 0."],
    ["AA-_", "Invalid symbol 45, offset 2."],
    ["AAé=", "Invalid symbol 233, offset 2."],
    ["A=AA", "Invalid symbol 61, offset 1."],
    ["AA=A", "Invalid symbol 61, offset 2."],
    ["AA==AAAA", "Invalid symbol 61, offset 3."],
    ["A", "Invalid padding"],
    ["AA", "Invalid padding"],
    ["AAA", "Invalid padding"],
    ["AA=", "Invalid padding"],
    ["AAAAA===", "Invalid padding"],
    ["====", "Invalid padding"],
    ["AB==", "Invalid last symbol: its unused bits are not zero"],
    ["AAB=", "Invalid last symbol: its unused bits are not zero"],
  ] as const
) {
  Deno.test(`${JSON.stringify(text)} is no base64: ${message}`, () => {
    assert.throws(() => decodeBase64(text), (error) => {
      assert.ok(error instanceof Base64Error);
      assert.equal(error.message, message);
      return true;
    });
  });
}

Deno.test("text is decoded exactly when it is what the encoder writes", () => {
  const text = fc.string({ unit: fc.constantFrom("A", "B", "Q", "/", "+", "=", " ", "-"), maxLength: 10 });
  fc.assert(
    fc.property(text, (text) => {
      const canonical = Buffer.from(text, "base64").toString("base64") === text;
      let decoded = true;
      try {
        decodeBase64(text);
      } catch (error) {
        assert.ok(error instanceof Base64Error && error.message.length > 0);
        decoded = false;
      }
      assert.equal(decoded, canonical);
    }),
    { seed: 11, numRuns: 5000 },
  );
});
