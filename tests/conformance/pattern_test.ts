import assert from "node:assert/strict";
import { findMismatch, type PatternOptions } from "./pattern.ts";

function compare(
  pattern: unknown,
  value: unknown,
  options: Partial<PatternOptions> = {},
): string | undefined {
  return findMismatch(pattern, value, { variables: new Map(), wording: "exact", ...options });
}

const base64 = (text: string) => new TextEncoder().encode(text).toBase64();

/** Each pattern with values that it takes and values that it refuses. */
const examples: [pattern: unknown, taken: unknown[], refused: unknown[]][] = [
  ["text", ["text"], ["Text", "", null, undefined]],
  [3, [3], [3.5, "3", null]],
  [null, [null], [undefined, 0, "", {}]],
  [true, [true], [false, 1]],
  [[1, "$string"], [[1, "a"]], [[1], [1, 2], [1, "a", "b"], { 0: 1, 1: "a" }]],
  [{ a: 1 }, [{ a: 1 }], [{}, { a: 2 }, { a: 1, b: 2 }, [1], null]],
  [{ a: 1, $extra: true }, [{ a: 1 }, { a: 1, b: 2 }], [{ b: 2 }]],
  [{ a: "$absent" }, [{}], [{ a: null }, { b: 1 }]],
  [{ a: "$optional" }, [{}, { a: 1 }], [{ b: 1 }]],
  [{ a: { b: ["$int"] } }, [{ a: { b: [1] } }], [{ a: { b: ["1"] } }, { a: {} }]],
  ["$any", [1, null, "", {}], []],
  ["$string", ["", "a"], [1, null]],
  ["$nonempty", ["a"], ["", 1]],
  ["$int", [1, -1], [1.5, "1"]],
  ["$uint", [0, 1], [-1, 1.5, "1"]],
  ["$number", [1.5], ["1.5"]],
  ["$bool", [true, false], [0, "true"]],
  ["$array", [[]], [{}, "a"]],
  ["$object", [{}], [[], null, "a"]],
  ["$uuid", ["00000000-0000-4000-8000-00000000000a"], ["00000000-0000-4000-8000-00000000000", "x", 1]],
  ["$base64", ["", "YQ==", "YWI="], ["YQ", "YQ=", "Y", "Y Q=", 1]],
  ["$fileuri", ["file:///a"], ["file://a", "/a"]],
  ["$b64:hé", [base64("hé")], [base64("he"), "hé", 1]],
  ["$b64re:^a.b$", [base64("a\nb")], [base64("ab"), "a\nb"]],
  ["$re:^a.b$", ["a\nb"], ["ab", 1]],
  ["$lit:$any", ["$any"], ["any", 1]],
  [{ $oneOf: [1, "$string"] }, [1, "a"], [2, null]],
  [{ $gte: 2 }, [2, 9], [1, "3"]],
  [{ $lte: 2 }, [2, -9], [3]],
  [{ $gte: 1, $lte: 2 }, [1, 2], [0, 3]],
  [{ $len: 2 }, ["ab", [1, 2]], ["abc", [], null]],
  [{ $every: "$int" }, [[], [1, 2]], [[1, "2"], "12"]],
  [{ $contains: [2, "$string"] }, [[2, "a"], ["a", 1, 2]], [[2], "2a", null]],
  [{ $set: [1, "$int"] }, [[1, 2], [2, 1]], [[1], [2, 2], [1, 2, 3], "12"]],
];

for (const [pattern, taken, refused] of examples) {
  Deno.test(`the pattern ${JSON.stringify(pattern)} takes and refuses the right values`, () => {
    for (const value of taken) assert.equal(compare(pattern, value), undefined);
    for (const value of refused) assert.notEqual(compare(pattern, value), undefined, JSON.stringify(value));
  });
}

Deno.test("a mismatch tells where, what was expected and what came", () => {
  assert.equal(compare({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }), "$.a[1].b: expected 2, got 3");
  assert.equal(compare({ a: 1 }, {}), "$.a is missing in {}");
  assert.equal(compare({}, { a: 1 }), "$.a is not expected, got 1");
});

Deno.test("variables are replaced in texts, keys and arguments", () => {
  const variables = new Map([["name", "x"]]);
  assert.equal(
    compare({ "${name}/k": "a ${name} ${other}" }, { "x/k": "a x ${other}" }, { variables }),
    undefined,
  );
  assert.equal(compare("$re:^${name}+$", "xxx", { variables }), undefined);
  assert.notEqual(compare("${name}", "y", { variables }), undefined);
});

Deno.test("a pattern that matches saves values", () => {
  const variables = new Map<string, string>();
  const pattern = { a: "$save:text", b: "$save:number:uint", c: "$saveb64:pid" };
  assert.equal(compare(pattern, { a: "t", b: 7, c: base64("12\n") }, { variables }), undefined);
  assert.deepEqual([...variables], [["text", "t"], ["number", "7"], ["pid", "12"]]);
});

Deno.test("a pattern that does not match saves nothing", () => {
  const variables = new Map<string, string>();
  assert.notEqual(compare({ a: "$save:a", b: 1 }, { a: "x", b: 2 }, { variables }), undefined);
  assert.notEqual(compare("$save:b:uint", -1, { variables }), undefined);
  assert.notEqual(compare("$saveb64:c", "no base64", { variables }), undefined);
  assert.equal(variables.size, 0);
});

Deno.test("the wording of an error may be ignored, its code and its being text may not", () => {
  const pattern = { error: { code: -32600, message: "exactly this" } };
  const answer = (code: number, message: unknown) => ({ error: { code, message } });
  const lax = { wording: "ignored" } as const;
  assert.equal(compare(pattern, answer(-32600, "something else"), lax), undefined);
  assert.notEqual(compare(pattern, answer(-32600, "something else")), undefined);
  assert.notEqual(compare(pattern, answer(-32602, "exactly this"), lax), undefined);
  assert.notEqual(compare(pattern, answer(-32600, 1), lax), undefined);
  assert.notEqual(compare({ message: "a" }, { message: "b" }, lax), undefined, "no code, so no error");
});

Deno.test("a special string that the language lacks is an error, not a literal", () => {
  assert.throws(() => compare("$integer", 1), /Unknown special string "\$integer"/);
  assert.throws(() => compare("$regex:a", "a"), /Unknown special string/);
});
