import assert from "node:assert/strict";
import { cString, cStringArray, fromCString } from "../../../src/runtime/posix/c_strings.ts";
import { libc } from "./open_libc.ts";

Deno.test("cString() is UTF-8 with a NUL behind it, and refuses one inside", () => {
  assert.deepEqual(cString("aü"), new Uint8Array([0x61, 0xc3, 0xbc, 0]));
  assert.throws(() => cString("a\0b"), TypeError);
  assert.equal(fromCString(new Uint8Array([0x61, 0xc3, 0xbc, 0, 0x62])), "aü");
});

Deno.test("cStringArray() points to its strings and ends with a null", () => {
  const block = cStringArray(["one", "", "drei 😀"], libc);
  const base = libc.addressOf(block);
  const pointers = [...new BigUint64Array(block.buffer, 0, 4)];
  assert.equal(pointers.pop(), 0n);
  const strings = pointers.map((pointer) => fromCString(block.subarray(Number(pointer - base))));
  assert.deepEqual(strings, ["one", "", "drei 😀"]);
});
