import assert from "node:assert/strict";
import { copyPlace } from "../../src/cli/copy_place.ts";
import { progressLine } from "../../src/cli/copy_progress.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

Deno.test("a word names a place of this machine, of a server, or a stream", () => {
  const here = { kind: "here" };
  const named = (name: string, path: string) => ({ kind: "server", server: { kind: "name", name }, path });
  const url = (url: string, path: string) => ({ kind: "server", server: { kind: "url", url }, path });
  const words: Record<string, unknown> = {
    "-": { kind: "stream" },
    "a": { ...here, path: "a" },
    "./a:b": { ...here, path: "./a:b" },
    "/a:b": { ...here, path: "/a:b" },
    "a/b:c": { ...here, path: "a/b:c" },
    "build:/srv": named("build", "/srv"),
    "build:": named("build", ""),
    "build:a:b": named("build", "a:b"),
    ":/srv": { kind: "server", server: { kind: "default" }, path: "/srv" },
    ":": { kind: "server", server: { kind: "default" }, path: "" },
    "ws://h:1:/srv/a:b": url("ws://h:1", "/srv/a:b"),
    "ws://h:1:srv/x": url("ws://h:1", "srv/x"),
    "ws://h:1:": url("ws://h:1", ""),
    "wss://h:/srv": url("wss://h", "/srv"),
    "ssh://me@h:~/x": url("ssh://me@h", "~/x"),
    "ssh://h:22:x": url("ssh://h:22", "x"),
    "ws://[::1]:9:/srv": url("ws://[::1]:9", "/srv"),
    "ws://[::1]:/srv": url("ws://[::1]", "/srv"),
  };
  for (const [word, place] of Object.entries(words)) {
    assert.deepEqual(copyPlace(word), { ...place as object, word }, word);
  }
  for (
    const word of ["", "ws://h", "ws://h:9000", "ws://h:9000/x", "ssh://h/x", "ws://[::1]", "unix:/s:/x"]
  ) {
    assert.throws(() => copyPlace(word), UsageError, word);
  }
});

Deno.test("how far a copy is fits into one line of any terminal", () => {
  const progress = {
    path: "a\u001b[2J/b",
    files: 2,
    bytes: 5_000_000,
    totalFiles: 3,
    totalBytes: 10_000_000,
  };
  assert.equal(
    progressLine(progress, 2, 90),
    "[##########..........]  50%  5.0 MB of 10.0 MB  2.5 MB/s  0:02  2/3 a\\u001b[2J/b",
  );
  for (let columns = 1; columns < 200; columns++) {
    const line = progressLine(progress, 0, columns);
    assert.ok(line.length < columns && !line.includes("\u001b"), `${columns}`);
  }
  assert.match(progressLine({ ...progress, bytes: 0, totalBytes: 0, totalFiles: 0 }, 0, 80), /100%/);
});
