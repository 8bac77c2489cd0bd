/** What each way to look at a path says, on this runtime; Deno has the same done on Bun. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { lookByRuntime, pathKinds } from "../../src/host/path_kind.ts";
import { openLibc } from "../../src/runtime/posix/libc.ts";
import { lookThrough } from "../../src/runtime/posix/path_look.ts";

const onBun = "Bun" in globalThis;

lookThrough(openLibc(
  (onBun ? await import("../../src/runtime/bun/libc.ts") : await import("../../src/runtime/deno/libc.ts"))
    .openLibrary,
));
const ways = { "the runtime's call": lookByRuntime, "the C library": (path: string) => pathKinds.at(path) };

for (const [how, look] of Object.entries(ways)) {
  Deno.test(`${how} tells what is at a path, and follows no link`, () => {
    const folder = mkdtempSync(join(tmpdir(), "look-"));
    try {
      mkdirSync(join(folder, "ä directory"));
      writeFileSync(join(folder, "file"), "");
      symlinkSync("file", join(folder, "link"));
      symlinkSync("nowhere", join(folder, "loose"));
      const kinds = [
        "ä directory",
        "file",
        "link",
        "loose",
        "no",
        "no/such",
        "file/below",
        "x".repeat(5_000),
      ];
      assert.deepEqual(kinds.map((name) => look(join(folder, name))), [
        "directory",
        "file",
        "link",
        "link",
        "missing",
        "missing",
        "missing",
        "unreachable",
      ]);
      assert.equal(look("/dev/null"), "file");
      assert.equal(look("/"), "directory");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  Deno.test(`${how} takes no path for what stands before a NUL in it`, () => {
    assert.throws(() => look("/\0no"));
  });
}

Deno.test({
  name: "the same on Bun",
  ignore: onBun,
  fn() {
    const root = fileURLToPath(new URL("../..", import.meta.url));
    execFileSync(
      join(root, "node_modules/bun/bin/bun.exe"),
      [join(root, "tests/support/run_on_bun.ts"), fileURLToPath(import.meta.url)],
      { env: process.env, stdio: "pipe" },
    );
  },
});
