import assert from "node:assert/strict";
import fc from "fast-check";
import { JSON_DEPTH, JSON_VALUES } from "../../src/limits.ts";
import { refuseJson } from "../../src/protocol/json_guard.ts";

const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

Deno.test("so many levels pass, and one more does not", () => {
  assert.equal(refuseJson(nested(JSON_DEPTH)), undefined);
  assert.match(refuseJson(nested(JSON_DEPTH + 1))!, /deeper than 127 levels/);
});

Deno.test("levels that were left do not count", () => {
  assert.equal(refuseJson(`[${Array(1000).fill(nested(100)).join(",")}]`), undefined);
});

Deno.test("so many values pass, and some more do not", () => {
  const list = (count: number) => `[${Array(count).fill("0").join(",")}]`;
  assert.equal(refuseJson(list(JSON_VALUES - 2)), undefined);
  assert.match(refuseJson(list(JSON_VALUES + 2))!, /262144 JSON values/);
});

Deno.test("what stands in a string counts for nothing", () => {
  const text = '[[[{"a":1,"a":2},,,' + '\\"\\\\'.repeat(500) + "[{".repeat(500);
  assert.equal(refuseJson(JSON.stringify({ text, [text]: 1 })), undefined);
});

Deno.test("a member given twice is refused in the envelope, and only there", () => {
  assert.match(refuseJson('{"a":1,"b":2,"a":3}')!, /duplicate field "a"/);
  assert.match(refuseJson('{ "a" : {"b":1} , "a" : [] }')!, /duplicate field "a"/);
  assert.equal(refuseJson('{"a":{"b":1,"b":2},"c":{"b":3}}'), undefined);
  assert.equal(refuseJson('{"a":"b","b":"a"}'), undefined);
});

Deno.test("text that ends too early is left to the parser", () => {
  for (const text of ['{"a', '{"a\\', '{"a\\"', '"', "{", "", ":", "}}}"]) {
    assert.equal(refuseJson(text), undefined);
  }
});

Deno.test("no text makes it throw, and no value of moderate size is refused", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void refuseJson(text)), {
    seed: 8,
    numRuns: 2000,
  });
  fc.assert(
    fc.property(fc.jsonValue(), (value) => assert.equal(refuseJson(JSON.stringify(value)), undefined)),
    { seed: 9, numRuns: 1000 },
  );
});
