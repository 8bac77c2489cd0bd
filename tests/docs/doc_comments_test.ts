import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { readDocComments } from "../../scripts/docs/doc_comments.ts";

const file = readDocComments(`
/** Of the file, because an empty line follows. */

import * as v from "valibot";
import { shared as alias, other } from "./other.ts";

const plain = v.object({});

// ---------------------------------------------------------------- a heading

/**
 * Goes on
 * in the next line.
 *
 * A second paragraph with \`*\` and "quotes".
 *
 * @throws -32600 when it is asked
 * twice
 */
export const documented = v.object({
  /** Of a member. */
  first: v.pipe(v.string(), v.check((text) => { return text !== "}"; }, "no }")),
  // Not of a member.
  second: v.optional(v.array(v.object({
    /** Of a member's member. */
    inner: v.picklist(["a", "b"]),
  })), []),
  /** Of a name in quotes. */
  "fs/x": { params: alias },
  plain,
  ...other.entries,
});

function skipped() {
  const inside = { /** Not found. */ member: 1 };
  return inside;
}

export type Skipped = { /** Not found either. */ member: string };

/** With alternatives. */
export const choice = v.variant("kind", [
  v.object({ kind: v.literal("a"), /** Of the first. */ value: /[/"]/ }),
  v.object({ kind: v.literal("b"), /** Of the second. */ value: 1 }),
]);
`);

const documented = file.constants.get("documented")!;
const docs = (name: string) => documented.members.get(name)?.map(({ doc }) => doc);

Deno.test("readDocComments() finds the constants, and nothing in functions and types", () => {
  deepStrictEqual([...file.constants.keys()], ["plain", "documented", "choice"]);
});

Deno.test("readDocComments() makes a line of each paragraph and each tag", () => {
  strictEqual(
    documented.doc,
    'Goes on in the next line.\nA second paragraph with `*` and "quotes".\n@throws -32600 when it is asked twice',
  );
});

Deno.test("readDocComments() leaves a file's comment and ordinary comments out", () => {
  strictEqual(file.constants.get("plain")!.doc, undefined);
  deepStrictEqual(docs("second"), [undefined]);
});

Deno.test("readDocComments() finds members at every depth", () => {
  deepStrictEqual([...documented.members.keys()], ["first", "second", "fs/x", "plain"]);
  deepStrictEqual(docs("first"), ["Of a member."]);
  deepStrictEqual(docs("fs/x"), ["Of a name in quotes."]);
  strictEqual(documented.members.get("second")![0]!.members.get("inner")![0]!.doc, "Of a member's member.");
});

Deno.test("readDocComments() tells what a value is made of", () => {
  deepStrictEqual(documented.members.get("plain")![0]!.names, ["plain"]);
  strictEqual(documented.names.includes("other"), true);
  deepStrictEqual(file.imports.get("alias"), { from: "./other.ts", name: "shared" });
});

Deno.test("readDocComments() tells alternatives apart", () => {
  const choice = file.constants.get("choice")!;
  const alternatives = choice.elements.filter(({ members }) => members.size > 0);
  deepStrictEqual(alternatives.map(({ members }) => members.get("value")![0]!.doc), [
    "Of the first.",
    "Of the second.",
  ]);
});

Deno.test("readDocComments() tells what stands under a heading", () => {
  deepStrictEqual(file.headings, [{ heading: "a heading", before: "documented" }]);
});
