import assert from "node:assert/strict";
import fc from "fast-check";
import { JSON_DEPTH, JSON_VALUES } from "../../src/limits.ts";
import { countMembers, inspectJson } from "../../src/protocol/json_guard.ts";

/** Why a text is refused; undefined where it is not. */
function refuseJson(text: string): string | undefined {
  const finding = inspectJson(text);
  if ("reason" in finding) return finding.reason;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return countMembers(value) === finding.members ? undefined : "duplicate field";
}

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

Deno.test("a member given twice is refused, at any depth and however it is spelled", () => {
  assert.match(refuseJson('{"a":1,"b":2,"a":3}')!, /duplicate field/);
  assert.match(refuseJson('{ "a" : {"b":1} , "a" : [] }')!, /duplicate field/);
  assert.match(refuseJson('{"c":[1,{"a":{"b":1,"b":2}}]}')!, /duplicate field/);
  assert.match(refuseJson('{"a":{"b":1,"\\u0062":2}}')!, /duplicate field/);
  assert.equal(refuseJson('{"a":{"b":1},"c":{"b":[{"b":1},{"b":2}]},"b":{}}'), undefined);
  assert.equal(refuseJson('{"a":"b","b":"a","\\u0061b":1,"\\\\u0061":2}'), undefined);
});

Deno.test("a member given twice is found among many", () => {
  const members = Array.from({ length: 1000 }, (_, index) => `"m${index}":0`);
  assert.equal(refuseJson(`{${members.join(",")}}`), undefined);
  assert.match(refuseJson(`{${members.join(",")},"m7":1}`)!, /duplicate field/);
});

Deno.test("half a character is refused, a whole one is not", () => {
  for (
    const half of ["\\ud800", "\\uDFFF", "\\ud83dx", "\\ud83d\\\\ude00", "\\ude00\\ud83d", "\\\\\\ud800"]
  ) {
    assert.match(refuseJson(`{"a":"${half}"}`)!, /lone surrogate/, half);
    assert.match(refuseJson(`{"${half}":1}`)!, /lone surrogate/, half);
  }
  for (const whole of ["\\ud83d\\ude00", "\\uD83D\\uDE00", "\\\\ud800", "\\u00e9", "\\ud7ff\\ue000"]) {
    assert.equal(refuseJson(`{"a":"${whole}","b":"${whole}${whole}"}`), undefined, whole);
  }
});

Deno.test("numbers that JavaScript may not hold as they are written are told", () => {
  const numbers = {
    plain: ["0", "-0", "1", "123456789012345", "true", "false", "null", '"1.0"', '"1e5"', "[1,2]", '{"e":1}'],
    "odd numbers": ["1.0", "1e1", "1E0", "-0.0", "9007199254740993", "-9223372036854775808"],
  };
  for (const [finding, texts] of Object.entries(numbers)) {
    for (const text of texts) {
      const found = inspectJson(`{"a":[${text}],"b":${text}}`);
      assert.ok("members" in found && found.hasOddNumbers === (finding === "odd numbers"), text);
    }
  }
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
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      if (text.isWellFormed() && !/\\\\u[dD][89a-fA-F]/.test(text)) assert.equal(refuseJson(text), undefined);
    }),
    { seed: 9, numRuns: 1000 },
  );
});
