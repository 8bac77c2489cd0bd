import assert from "node:assert/strict";
import { OperationError } from "../../src/native/operation_error.ts";
import { StartError, type StartErrorReason } from "../../src/native/start_error.ts";
import { invalidRequest } from "../../src/protocol/errors.ts";
import { isFault, rpcFailure } from "../../src/protocol/rpc_failure.ts";

Deno.test("rpcFailure() gives each error the code that clients decide on", () => {
  const answers = ["ENOENT", "EACCES", "EPERM", "EINVAL", "ENOTDIR", "EEXIST", "EISDIR"].map((code) => {
    const { code: answered, message } = rpcFailure(Object.assign(new Error("it failed"), { code }));
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

Deno.test("rpcFailure() lets errors of the protocol pass", () => {
  const error = invalidRequest("no");
  assert.equal(rpcFailure(error), error);
});

Deno.test("rpcFailure() gives this program's own errors the code that they stand for", () => {
  const codes = (["INVALID", "REFUSED", "MISSING", "FAILED"] as const).map((code) => {
    const { code: answered, message } = rpcFailure(new OperationError(code, "no"));
    return `${answered} ${message}`;
  });
  assert.deepEqual(codes, ["-32602 no", "-32600 no", "-32004 no", "-32603 no"]);
});

Deno.test("isFault() tells what nobody had in mind from what may happen", () => {
  const may = [invalidRequest("no"), new OperationError("FAILED", "no"), { code: "ENOENT" }];
  assert.deepEqual(may.map(isFault), [false, false, false]);
  assert.equal(isFault(new TypeError("undefined is not a function")), true);
});

Deno.test("rpcFailure() says of a process that did not start why, as the reference server does", () => {
  const reasons: StartErrorReason[] = ["notFound", "permissionDenied", "sandboxUnavailable", "other"];
  const data = reasons.map((reason) => rpcFailure(new StartError(reason, "no")).data);
  assert.deepEqual(data, [
    { kind: "spawnNotFound" },
    { kind: "spawnPermissionDenied" },
    { kind: "sandboxUnavailable" },
    { kind: "spawnFailed" },
  ]);
  assert.equal(rpcFailure(new StartError("other", "no")).code, -32603);
});
