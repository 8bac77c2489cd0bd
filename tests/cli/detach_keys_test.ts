import { deepStrictEqual as same, throws } from "node:assert/strict";
import { DetachKeys, parseDetachKeys } from "../../src/cli/detach_keys.ts";
import { LastLines } from "../../src/cli/last_lines.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("DetachKeys finds keys in whatever pieces, and passes on what is none of them", () => {
  const keys = new DetachKeys(parseDetachKeys("ctrl-p,ctrl-q"));
  const passed = ["a\x10", "b\x10\x10", "\x10c", "\x10"].map((typed) => {
    const { typed: rest, found } = keys.push(bytes(typed));
    return [text(rest), found];
  });
  same(passed, [["a", false], ["\x10b\x10", false], ["\x10\x10c", false], ["", false]]);
  const { typed, found } = keys.push(bytes("\x11ignored"));
  same([text(typed), found], ["", true]);
});

Deno.test("parseDetachKeys takes control characters and single ones", () => {
  same([...parseDetachKeys("ctrl-],d")], [0x1d, 0x64]);
  for (const wrong of ["", "ctrl-", "alt-x", "ctrl-p,,"]) {
    throws(() => parseDetachKeys(wrong), /--detach-keys takes/);
  }
});

Deno.test("LastLines keeps the last lines, however they came", () => {
  for (
    const [parts, count, last] of [
      [["a\nb\nc\n"], 2, "b\nc\n"],
      [["a\nb\n", "c"], 2, "b\nc"],
      [["a", "b", "\n", "c\n"], 1, "c\n"],
      [["a\n", "b\n"], 5, "a\nb\n"],
      [["a\n"], 0, ""],
    ] as const
  ) {
    const lines = new LastLines(count);
    for (const part of parts) lines.push({ stream: "stdout", bytes: bytes(part) });
    same(lines.take().map((part) => text(part.bytes)).join(""), last);
  }
});
