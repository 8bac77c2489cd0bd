import assert from "node:assert/strict";
import { unitsIn } from "../../src/usage/kernel_units.ts";

const vector = (...words: number[]) => new Uint8Array(BigUint64Array.from(words.map(BigInt)).buffer);

Deno.test("the kernel says how long its ticks and how large its pages are", () => {
  assert.deepEqual(unitsIn(vector(33, 5, 6, 65_536, 17, 250, 0, 0)), { tickMs: 4, pageBytes: 65_536 });
});

Deno.test("where it says nothing, or is cut short, they are the usual ones", () => {
  const usual = { tickMs: 10, pageBytes: 4_096 };
  assert.deepEqual(unitsIn(new Uint8Array()), usual);
  assert.deepEqual(unitsIn(vector(6, 65_536).subarray(0, 12)), usual);
});
