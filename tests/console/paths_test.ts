import assert from "node:assert/strict";
import { above, below, lastName, pathText, typedPath } from "../../src/console/page/files/paths.ts";
import { textOf } from "../../src/console/page/files/text_file.ts";
import { wholeLines } from "../../src/console/page/recordings/recording_text.ts";

Deno.test("a name is one part of a path, whatever is in it", () => {
  for (const name of ["a b", "a%2Fb", "#?", "<img src=x>", "ü\n", "c:"]) {
    const uri = below("file:///tmp/", name);
    assert.equal(pathText(uri), `/tmp/${name}`);
    assert.equal(lastName(uri), name);
    assert.equal(above(uri), "file:///tmp");
  }
});

Deno.test("above the root is the root", () => {
  assert.equal(above("file:///"), "file:///");
  assert.equal(above("file:///tmp"), "file:///");
  assert.equal(above("file:///a/b/"), "file:///a");
});

Deno.test("a path that is typed becomes a URI, and a URI stays one", () => {
  assert.equal(typedPath("/tmp/a b"), "file:///tmp/a%20b");
  assert.equal(typedPath("file:///x"), "file:///x");
});

Deno.test("what is no text is none, and a character that is cut off is left out", () => {
  assert.equal(textOf([Uint8Array.of(0xe2, 0x82), Uint8Array.of(0xac, 0x21)]), "€!");
  assert.equal(textOf([Uint8Array.of(0x61, 0xe2, 0x82)]), "a");
  assert.equal(textOf([Uint8Array.of(0x61, 0)]), undefined);
  assert.equal(textOf([Uint8Array.of(0xff)]), undefined);
});

Deno.test("a recording that is still written ends with its last whole line", () => {
  assert.equal(wholeLines('{"v":3}\n[1,"o"'), '{"v":3}\n');
  assert.equal(wholeLines(""), "");
});
