import assert from "node:assert/strict";
import { inspect } from "node:util";
import fc from "fast-check";
import { NAME_CHARS } from "../../src/limits.ts";
import { decodeParams } from "../../src/protocol/decode.ts";
import { RpcError } from "../../src/protocol/errors.ts";
import { type MethodName, methods } from "../../src/protocol/methods.ts";

const start = { processId: "p", argv: ["a"], cwd: "file:///", env: {}, tty: false };
const policy = { inherit: "all", ignoreDefaultExcludes: true, exclude: [], set: {}, includeOnly: [] };
const write = { processId: "p", chunk: "", writeId: "1" };

function decode(method: MethodName, params: unknown): unknown {
  return decodeParams(methods[method].params, params);
}

for (
  const [method, params, message] of [
    ["process/start", undefined, "missing params"],
    ["process/start", null, "params must be an object, got null"],
    ["process/start", [], "params must be an object, got an array"],
    ["process/start", 5, "params must be an object, got 5"],
    ["process/start", {}, 'missing field "processId"'],
    ["process/start", { ...start, argv: undefined }, 'missing field "argv"'],
    ["process/start", { ...start, argv: "ls" }, 'field "argv" must be an array, got "ls"'],
    ["process/start", { ...start, argv: ["a", 5] }, 'field "argv.1" must be a string, got 5'],
    ["process/start", { ...start, env: [] }, 'field "env" must be an object, got an array'],
    ["process/start", { ...start, env: null }, 'field "env" must be an object, got null'],
    ["process/start", { ...start, env: { A: 1 } }, 'field "env.A" must be a string'],
    ["process/start", { ...start, tty: "no" }, 'field "tty" must be true or false, got "no"'],
    ["process/start", { ...start, pipeStdin: null }, 'field "pipeStdin" must be true or false, got null'],
    ["process/start", { ...start, arg0: 5 }, 'field "arg0" must be a string, got 5'],
    ["process/start", { ...start, envPolicy: {} }, 'missing field "envPolicy.inherit"'],
    [
      "process/start",
      { ...start, envPolicy: { ...policy, inherit: "some" } },
      'field "envPolicy.inherit" must be one of "core", "all", "none", got "some"',
    ],
    [
      "process/start",
      { ...start, envPolicy: { ...policy, set: { A: null } } },
      'field "envPolicy.set.A" must be a string',
    ],
    ["process/start", { ...start, metadata: { threadId: "x" } }, 'field "metadata.threadId" must be a UUID'],
    ["process/read", { processId: 5 }, 'field "processId" must be a string, got 5'],
    [
      "process/start",
      { ...start, processId: "p".repeat(NAME_CHARS + 1) },
      'field "processId" must not exceed 16384 characters',
    ],
    [
      "process/write",
      { ...write, writeId: "w".repeat(NAME_CHARS + 1) },
      'field "writeId" must not exceed 16384 characters',
    ],
    ["process/read", { processId: "p", afterSeq: -1 }, 'field "afterSeq" must be an unsigned integer'],
    ["process/read", { processId: "p", afterSeq: 1.5 }, 'field "afterSeq" must be an unsigned integer'],
    ["process/read", { processId: "p", maxBytes: "1" }, 'field "maxBytes" must be a number, got "1"'],
    ["process/read", { processId: "p", waitMs: 2 ** 53 }, 'field "waitMs" must be an unsigned integer'],
    ["process/read", { processId: "p", waitMs: 2n ** 64n }, 'field "waitMs" must be an unsigned integer'],
    [
      "process/read",
      { processId: "p", waitMs: Symbol("1.0") },
      'field "waitMs" must be written without a fraction or an exponent, got 1.0',
    ],
    ["process/read", Symbol("1.0"), "params must be written without a fraction or an exponent, got 1.0"],
    ["process/start", { ...start, env: Symbol("1.0") }, /"env" must be written without/],
    [
      "process/start",
      { ...start, argv: 2n ** 60n },
      'field "argv" must be an array, got 1152921504606846976',
    ],
    ["environment/status", Symbol("1.0"), /params must be written without/],
    [
      "process/write",
      { ...write, chunk: "@@@@" },
      'field "chunk" must be base64: Invalid symbol 64, offset 0.',
    ],
    ["process/write", { ...write, chunk: "A" }, 'field "chunk" must be base64: Invalid padding'],
    ["process/write", { ...write, writeId: "" }, 'field "writeId" must not be empty'],
    [
      "process/signal",
      { processId: "p", signal: "abort" },
      /field "signal" must be one of "interrupt", .*got "abort"/,
    ],
    ["process/terminate", { processId: ["p"] }, 'field "processId" must be a string, got an array'],
    ["process/terminate", { processId: { a: 1 } }, 'field "processId" must be a string, got an object'],
    ["environment/info", { a: 1 }, "params must be empty, got an object"],
    ["environment/info", [], "params must be an object, got an array"],
    ["environment/info", 5, "params must be empty, got 5"],
    [
      "initialize",
      { clientName: "x", resumeSessionId: 5 },
      'field "resumeSessionId" must be a string, got 5',
    ],
  ] as const
) {
  Deno.test(`${method} refuses ${inspect(params, { breakLength: Infinity }).slice(0, 60)}: ${message}`, () => {
    assert.throws(() => decode(method, params), { code: -32602, message });
  });
}

Deno.test("a wrong value is quoted in part, however long it is", () => {
  assert.throws(() => decode("process/read", { processId: "p", afterSeq: "x".repeat(100_000) }), (error) => {
    assert.ok(
      error instanceof RpcError && error.message.length < 200,
      (error as Error).message.slice(0, 300),
    );
    return true;
  });
});

Deno.test("optional members may be absent or null, and unknown ones are ignored", () => {
  const params = {
    ...start,
    arg0: null,
    envPolicy: null,
    metadata: null,
    sandbox: null,
    shellSnapshot: null,
    x: 1,
  };
  assert.deepEqual(
    decode("process/start", params),
    {
      ...decode("process/start", start) as object,
      arg0: undefined,
      ...Object.fromEntries(
        ["envPolicy", "metadata", "sandbox", "shellSnapshot"].map((name) => [name, undefined]),
      ),
    },
  );
  for (const params of [undefined, null, {}]) assert.doesNotThrow(() => decode("environment/info", params));
});

Deno.test("a variable may have any name, even one that objects have by nature", () => {
  const env = '{"constructor":"1","prototype":"2","toString":"3"}';
  const { env: decoded } = decode(
    "process/start",
    JSON.parse(JSON.stringify(start).replace("{}", env)),
  ) as typeof start;
  assert.deepEqual(decoded, JSON.parse(env));
});

Deno.test("whatever the params are, they are decoded or refused with -32602 and a reason", () => {
  const names = fc.constantFrom(...Object.keys(methods) as MethodName[]);
  const member = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom("p", "", 0, -1, 1.5, "file:///", "AAAA", ["a"], {}, true),
  );
  const params = fc.oneof(
    fc.jsonValue(),
    fc.record(
      Object.fromEntries(
        [
          "processId",
          "argv",
          "cwd",
          "env",
          "tty",
          "chunk",
          "writeId",
          "signal",
          "afterSeq",
          "clientName",
          "sandbox",
        ]
          .map((name) => [name, member]),
      ),
      { requiredKeys: [] },
    ),
  );
  fc.assert(
    fc.property(names, params, (method, params) => {
      try {
        decode(method, params);
      } catch (error) {
        assert.ok(error instanceof RpcError, String(error));
        assert.equal(error.code, -32602);
        assert.ok(error.message.length > 0 && !error.message.includes("[object"), error.message);
      }
    }),
    { seed: 12, numRuns: 4000 },
  );
});

Deno.test("numbers beyond those that JavaScript tells apart are taken, up to 64 bits", () => {
  const most = 2n ** 64n - 1n;
  assert.deepEqual(decode("process/read", { processId: "p", afterSeq: most, maxBytes: 2n ** 53n }), {
    processId: "p",
    afterSeq: Number.MAX_SAFE_INTEGER,
    maxBytes: Number.MAX_SAFE_INTEGER,
  });
  assert.deepEqual(decode("fs/watchMissing", { watchId: most, missing: [] }), {
    watchId: most,
    missing: [],
  });
  assert.deepEqual(decode("fs/readBlock", { handleId: "h", offset: most, len: 1 }), {
    handleId: "h",
    offset: 2 ** 64,
    len: 1,
  });
});
