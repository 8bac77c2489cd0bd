import assert from "node:assert/strict";
import { failureText, osErrorCode } from "../../src/native/os_errors.ts";

Deno.test("osErrorCode() knows an error by the number in its message, where that is all there is", () => {
  const error = new Error("Text file busy (os error 26): copy '/a' -> '/b'");
  assert.equal(osErrorCode(error), "ETXTBSY");
  assert.equal(failureText(error), "Text file busy (os error 26)");
  assert.equal(osErrorCode(new Error("something else")), undefined);
  assert.equal(failureText(new Error("something else")), "something else");
  assert.equal(osErrorCode(undefined), undefined);
});
