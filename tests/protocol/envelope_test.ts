import assert from "node:assert/strict";
import fc from "fast-check";
import { NAME_CHARS } from "../../src/limits.ts";
import { RpcError } from "../../src/protocol/errors.ts";
import {
  formatError,
  formatMalformed,
  formatNotification,
  formatRequest,
  formatResult,
  parseMessage,
} from "../../src/protocol/envelope.ts";

function reason(text: string): string {
  const message = parseMessage(text);
  assert.equal(message.kind, "malformed", `${text.slice(0, 80)} is ${message.kind}`);
  return message.kind === "malformed" ? message.reason : "";
}

Deno.test("a request, a notification, a result and an error are told apart", () => {
  assert.deepEqual(parseMessage('{"id":1,"method":"a","params":{"b":2}}'), {
    kind: "request",
    id: "1",
    method: "a",
    params: { b: 2 },
  });
  assert.deepEqual(parseMessage('{"method":"a"}'), { kind: "notification", method: "a", params: undefined });
  assert.deepEqual(parseMessage('{"result":null,"id":"x"}'), {
    kind: "response",
    id: '"x"',
    outcome: { result: null },
  });
  assert.deepEqual(parseMessage('{"id":1,"error":{"code":-5,"message":"no"}}'), {
    kind: "response",
    id: "1",
    outcome: { error: new RpcError(-5, "no") },
  });
});

Deno.test("the id of a request has a greatest length, which is told", () => {
  const request = (id: string) => JSON.stringify({ id, method: "a" });
  assert.equal(parseMessage(request("\u00e9".repeat(NAME_CHARS))).kind, "request");
  assert.equal(reason(request("x".repeat(NAME_CHARS + 1))), 'field "id" must not exceed 16384 characters');
});

Deno.test("what a client adds to the envelope is ignored, and blanks around it too", () => {
  const message = parseMessage(' \r\n{"jsonrpc":"2.0","id":1,"method":"a","result":5,"extra":[{}]}\n');
  assert.deepEqual(message, { kind: "request", id: "1", method: "a", params: undefined });
});

for (
  const id of [
    "0",
    "-1",
    "9007199254740991",
    "9007199254740993",
    "-9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
    '""',
    '"x"',
    '"1"',
    '"\\u00e9\\n\\ud83d\\ude00"',
  ]
) {
  Deno.test(`the id ${id} comes back as it was`, () => {
    const message = parseMessage(`{"params":{"id":5},"id":${id},"method":"a"}`);
    assert.equal(message.kind, "request");
    const echoed = formatResult(message.kind === "request" ? message.id : "", {});
    if (id.startsWith('"')) assert.deepEqual(JSON.parse(echoed), { id: JSON.parse(id), result: {} });
    else assert.equal(echoed, `{"id":${id},"result":{}}`);
  });
}

for (
  const id of [
    "null",
    "1.5",
    "true",
    "{}",
    "[]",
    "9223372036854775808",
    "-9223372036854775809",
    "1e300",
    "1e999",
    "1.0",
    "1e0",
    "-0.0",
  ]
) {
  Deno.test(`the id ${id} is malformed`, () => {
    assert.match(reason(`{"id":${id},"method":"a"}`), /"id" must be a string or a 64-bit integer/);
    assert.match(reason(`{"id":${id},"result":1}`), /"id" must be a string or a 64-bit integer/);
  });
}

for (
  const [what, text, expected] of [
    ["nothing", "", /JSON/i],
    ["blanks", "  ", /JSON/i],
    ["words", "hello", /JSON|token/i],
    ["truncated JSON", '{"id":1,"method":"a"', /JSON|Expected/i],
    ["two objects", "{}{}", /JSON|Unexpected/i],
    ["a scalar", "5", /expected an object, got 5/],
    ["null", "null", /expected an object, got null/],
    ["a batch", '[{"id":1,"method":"a"}]', /expected an object, got an array/],
    ["an empty object", "{}", /expected a field "method", "result" or "error"/],
    ["an id alone", '{"id":1}', /expected a field "method", "result" or "error"/],
    ["a method that is no string", '{"id":1,"method":5}', /"method" must be a string/],
    ["a null method", '{"id":1,"method":null}', /"method" must be a string/],
    ["a result without an id", '{"result":1}', /"id" must be/],
    ["an error without a code", '{"id":1,"error":{"message":"x"}}', /"error" must hold/],
    ["an error that is null", '{"id":1,"error":null}', /"error" must hold/],
    ["a trace that is no object", '{"id":1,"method":"a","trace":5}', /"trace" must be an object of strings/],
    ["a trace of numbers", '{"id":1,"method":"a","trace":{"traceparent":5}}', /"trace" must be/],
    ["a member given twice", '{"id":1,"method":"a","id":2}', /duplicate field/],
    [
      "deep nesting",
      `{"id":1,"method":"a","params":${"[".repeat(200)}${"]".repeat(200)}}`,
      /recursion limit/,
    ],
    ["endless nesting", "[".repeat(1_000_000), /recursion limit/],
    ["too many values", `{"id":1,"method":"a","params":[${"0,".repeat(262_144)}0]}`, /262144 JSON values/],
  ] as const
) {
  Deno.test(`${what} is malformed, and the reason says why`, () => assert.match(reason(text), expected));
}

Deno.test("a trace of strings or nulls is fine", () => {
  for (const trace of ["null", "{}", '{"traceparent":"x","tracestate":null}']) {
    assert.equal(parseMessage(`{"id":1,"method":"a","trace":${trace}}`).kind, "request");
  }
});

Deno.test("the numbers of params are as they were written, and those of answers as JavaScript has them", () => {
  const numbers = "[1,-0,9007199254740993,18446744073709551615,1.0,1e1]";
  const request = parseMessage(`{"id":-0,"method":"a","params":${numbers}}`);
  assert.ok(request.kind === "request");
  assert.equal(request.id, "0");
  const [one, zero, large, largest, ...odd] = request.params as unknown[];
  assert.deepEqual([one, zero, large, largest], [1, -0, 9007199254740993n, 18446744073709551615n]);
  assert.deepEqual(odd.map(String), ["Symbol(1.0)", "Symbol(1e1)"]);
  const response = parseMessage(`{"id":9007199254740993,"result":[1.0,1e1]}`);
  assert.deepEqual(response, { kind: "response", id: "9007199254740993", outcome: { result: [1, 10] } });
});

Deno.test("the code of an error is a whole number", () => {
  for (const code of ["1.0", "1.5", "1e1", "9223372036854775808", "null"]) {
    assert.match(reason(`{"id":1,"error":{"code":${code},"message":"x"}}`), /"error" must hold/);
  }
});

Deno.test("the trace of a notification is nobody's concern", () => {
  assert.equal(parseMessage('{"method":"a","trace":5}').kind, "notification");
});

Deno.test("text that is none is not sent", () => {
  assert.throws(() => formatRequest(1, "a", { b: "\ud800" }), TypeError);
  assert.equal(formatRequest(1, "a", { b: "\\ud800" }), '{"id":1,"method":"a","params":{"b":"\\\\ud800"}}');
});

Deno.test("no text whatever makes the parser throw", () => {
  const piece = fc.constantFrom(
    ...[
      "{",
      "}",
      "[",
      "]",
      '"',
      ":",
      ",",
      "\\",
      "\\u",
      "1",
      "-",
      "1e999",
      "null",
      "true",
      " ",
      "\ud800",
      "\0",
      "é",
    ],
    ...[
      '"id"',
      '"method"',
      '"result"',
      '"error"',
      '"trace"',
      '"__proto__"',
      '"constructor"',
      "9223372036854775808",
    ],
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join("")),
    fc.string({ unit: "binary" }),
    fc.json(),
  );
  fc.assert(
    fc.property(text, (text) => {
      assert.match(parseMessage(text).kind, /^(request|notification|response|malformed)$/);
    }),
    { seed: 5, numRuns: 5000 },
  );
});

Deno.test("no object whatever makes the parser throw", () => {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom(-1, 1.5, 2 ** 60, "__proto__"));
  const message = fc.record(
    {
      id: value,
      method: fc.oneof(value, fc.string()),
      params: value,
      result: value,
      error: value,
      trace: value,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(message, (message) => {
      const parsed = parseMessage(JSON.stringify(message));
      if (parsed.kind !== "malformed" && "id" in parsed && Number.isSafeInteger(message.id)) {
        assert.equal(parsed.id, String(message.id));
      }
    }),
    { seed: 6, numRuns: 3000 },
  );
});

Deno.test("every message that is written is read as what it was", () => {
  fc.assert(
    fc.property(fc.integer(), fc.string({ unit: "binary" }), fc.jsonValue(), (id, text, value) => {
      const params = JSON.parse(
        JSON.stringify(value),
        (_key, value) => typeof value === "number" ? Math.trunc(value) % 2 ** 53 + 0 : value,
      );
      assert.deepEqual(parseMessage(formatRequest(id, text, params)), {
        kind: "request",
        id: String(id),
        method: text,
        params,
      });
      assert.deepEqual(parseMessage(formatNotification(text, params)), {
        kind: "notification",
        method: text,
        params,
      });
      assert.deepEqual(parseMessage(formatResult(JSON.stringify(text), params)), {
        kind: "response",
        id: JSON.stringify(text),
        outcome: { result: params },
      });
      const error = parseMessage(formatError("5", { code: id, message: text }));
      assert.ok(error.kind === "response" && "error" in error.outcome);
      assert.deepEqual([error.outcome.error.code, error.outcome.error.message], [id, text.toWellFormed()]);
    }),
    { seed: 7, numRuns: 500 },
  );
});

Deno.test("the answer to a malformed message has the id -1 and says what was wrong", () => {
  assert.deepEqual(JSON.parse(formatMalformed('no "x"')), {
    id: -1,
    error: { code: -32600, message: 'failed to parse JSON-RPC message: no "x"' },
  });
});
