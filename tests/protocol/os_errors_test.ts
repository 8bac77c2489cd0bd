import assert from "node:assert/strict";
import { invalidRequest } from "../../src/protocol/errors.ts";
import { fromOsError, osErrorCode } from "../../src/protocol/os_errors.ts";

Deno.test("fromOsError() gives each error the code that clients decide on", () => {
  const answers = ["ENOENT", "EACCES", "EPERM", "EINVAL", "ENOTDIR", "EEXIST", "EISDIR"].map((code) => {
    const { code: answered, message } = fromOsError(Object.assign(new Error("it failed"), { code }));
    return `${answered} ${message}`;
  });
  assert.deepEqual(answers, [
    "-32004 No such file or directory (os error 2)",
    "-32600 Permission denied (os error 13)",
    "-32600 Operation not permitted (os error 1)",
    "-32600 Invalid argument (os error 22)",
    "-32603 Not a directory (os error 20)",
    "-32603 File exists (os error 17)",
    "-32603 Is a directory (os error 21)",
  ]);
});

Deno.test("fromOsError() knows an error by the number in its message, where that is all there is", () => {
  const error = new Error("Text file busy (os error 26): copy '/a' -> '/b'");
  assert.equal(osErrorCode(error), "ETXTBSY");
  assert.equal(fromOsError(error).message, "Text file busy (os error 26)");
  assert.equal(osErrorCode(new Error("something else")), undefined);
  assert.equal(osErrorCode(undefined), undefined);
});

Deno.test("fromOsError() lets errors of the protocol pass", () => {
  const error = invalidRequest("no");
  assert.equal(fromOsError(error), error);
});
