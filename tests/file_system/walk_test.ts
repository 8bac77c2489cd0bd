import assert from "node:assert/strict";
import { MachineDisk } from "../../src/file_system/disk.ts";
import type { WalkOptions } from "../../src/file_system/operations.ts";
import { walk } from "../../src/file_system/walk.ts";
import { DIRECTORY_PART_ENTRIES, WALK_MAXIMUMS } from "../../src/limits.ts";
import { errorCodes } from "../../src/protocol/errors.ts";
import { assertFails, disk, makeFolder, texts } from "./fixture.ts";

const defaults: WalkOptions = {
  maxDepth: 10,
  maxDirectories: 100,
  maxEntries: 100,
  followDirectorySymlinks: false,
};

/** The walk in one line: names below the root, directories with a slash, a `...` when it was cut off. */
async function show(root: string, options: Partial<WalkOptions> = {}, on = disk): Promise<string> {
  const result = await walk(on, root, { ...defaults, ...options });
  const names = result.entries.map(({ path, kind }) =>
    path.slice(root.length + 1) + (kind === "directory" ? "/" : "")
  );
  const errors = result.errors.map(({ path }) => `!${path.slice(root.length + 1)}`);
  return [...names, ...errors, ...(result.truncated ? ["..."] : [])].join(" ");
}

const tree = `
  mkdir -p w/a w/b w/c w/.h
  touch w/f1 w/f2 w/a/x w/b/y w/c/z w/.h/q
  ln -s f1 w/a_ln
  ln -s b w/bl
  ln -s nowhere w/dead
  mkfifo w/fifo
`;

Deno.test("walk() goes breadth first, by name, and leaves out links and devices", async () => {
  using folder = makeFolder(tree);
  const root = folder.at("w");
  assert.equal(await show(root), ".h/ a/ b/ c/ f1 f2 .h/q a/x b/y c/z");
  assert.equal(await show(root, {}, new MachineDisk()), ".h/ a/ b/ c/ f1 f2 .h/q a/x b/y c/z");
});

Deno.test("walk() goes no deeper than it is told, which cuts nothing off", async () => {
  using folder = makeFolder(tree + "mkdir -p w/a/deep/deeper");
  const root = folder.at("w");
  assert.equal(await show(root, { maxDepth: 0 }), ".h/ a/ b/ c/ f1 f2");
  assert.equal(await show(root, { maxDepth: 1 }), ".h/ a/ b/ c/ f1 f2 .h/q a/deep/ a/x b/y c/z");
});

Deno.test("walk() lists hidden directories that it does not enter", async () => {
  using folder = makeFolder(tree + "ln -s .h w/.hl");
  const root = folder.at("w");
  assert.equal(await show(root, { pruneHiddenDirectories: true }), ".h/ a/ b/ c/ f1 f2 a/x b/y c/z");
  assert.equal(await show(folder.at("w/.h"), { pruneHiddenDirectories: true }), "q");
  const both = { pruneHiddenDirectories: true, followDirectorySymlinks: true };
  assert.equal(await show(root, both), ".h/ .hl/ a/ b/ bl/ c/ f1 f2 a/x b/y c/z");
});

Deno.test("walk() enters each directory once, whatever leads to it", async () => {
  using folder = makeFolder(tree + "ln -s .. w/c/up; ln -s . w/self; ln -s c w/0");
  const root = folder.at("w");
  assert.equal(
    await show(root, { followDirectorySymlinks: true }),
    ".h/ 0/ a/ b/ bl/ c/ f1 f2 self/ .h/q 0/up/ 0/z a/x b/y",
  );
});

Deno.test("walk() counts what it looked at, and says when more is there", async () => {
  using folder = makeFolder(tree);
  const root = folder.at("w");
  // In order: .h a a_ln b bl c f1 f2 fifo, then .h/q a/x b/y c/z. The dangling link does not count.
  assert.equal(await show(root, { maxEntries: 1 }), ".h/ ...");
  assert.equal(await show(root, { maxEntries: 3 }), ".h/ a/ ...");
  assert.equal(await show(root, { maxEntries: 4 }), ".h/ a/ b/ ...");
  assert.equal(await show(root, { maxEntries: 9 }), ".h/ a/ b/ c/ f1 f2 ...");
  assert.equal(await show(root, { maxEntries: 12 }), ".h/ a/ b/ c/ f1 f2 .h/q a/x b/y ...");
  assert.equal(await show(root, { maxEntries: 13 }), ".h/ a/ b/ c/ f1 f2 .h/q a/x b/y c/z");
});

Deno.test("walk() counts the directories it entered, and says when more are there", async () => {
  using folder = makeFolder(tree);
  const root = folder.at("w");
  assert.equal(await show(root, { maxDirectories: 1 }), ".h/ a/ b/ c/ f1 f2 ...");
  assert.equal(await show(root, { maxDirectories: 4 }), ".h/ a/ b/ c/ f1 f2 .h/q a/x b/y ...");
  assert.equal(await show(root, { maxDirectories: 5 }), ".h/ a/ b/ c/ f1 f2 .h/q a/x b/y c/z");
});

Deno.test("walk() finds nothing in a file, nor in a link while it follows none", async () => {
  using folder = makeFolder(tree + "ln -s loop w/loop");
  for (const name of ["w/f1", "w/bl", "w/fifo", "w/a_ln"]) assert.equal(await show(folder.at(name)), "");
  assert.equal(await show(folder.at("w/bl"), { followDirectorySymlinks: true }), "y");
  await assertFails(walk(disk, folder.at("none"), defaults), errorCodes.notFound, texts.missing);
  await assertFails(walk(disk, folder.at("w/dead"), defaults), errorCodes.notFound, texts.missing);
  await assertFails(walk(disk, folder.at("w/loop"), defaults), errorCodes.internal, texts.loop);
  await assertFails(walk(disk, folder.at("w/f1/x"), defaults), errorCodes.internal, texts.notDirectory);
});

Deno.test("walk() refuses limits out of range", async () => {
  const zero = "filesystem walk limits must be greater than zero";
  const above = "filesystem walk limits exceed maximums: depth=64, directories=10000, entries=50000";
  const { depth, directories, entries } = WALK_MAXIMUMS;
  const refused: [Partial<WalkOptions>, string][] = [
    [{ maxEntries: 0 }, zero],
    [{ maxDirectories: 0 }, zero],
    [{ maxDepth: depth + 1 }, above],
    [{ maxDirectories: directories + 1 }, above],
    [{ maxEntries: entries + 1 }, above],
  ];
  for (const [options, message] of refused) {
    await assertFails(walk(disk, "/", { ...defaults, ...options }), errorCodes.invalidRequest, message);
  }
});

Deno.test("walk() orders names by their bytes", async () => {
  using folder = makeFolder("touch Z a b $'\\uE000' $'\\U1F600' é '~' '!' a.b a-b a");
  assert.equal(await show(folder.path), "! Z a a-b a.b b ~ é \ue000 😀");
});

Deno.test("walk() tells names that are not UTF-8 as errors, counts them, and goes on", async () => {
  using folder = makeFolder(`touch $'1\\xff' f; mkdir $'d\\xfe'; touch $'d\\xfe/in'; mkdir sub; touch sub/x`);
  for (const some of [disk, new MachineDisk()]) {
    assert.equal(await show(folder.path, {}, some), "f sub/ sub/x !1\ufffd !d\ufffd");
  }
  assert.equal(await show(folder.path, { maxEntries: 1 }), "!1\ufffd ...");
});

Deno.test("walk() lists what is below a root that is not UTF-8", async () => {
  using folder = makeFolder(`mkdir -p $'r\\xff/sub'; touch $'r\\xff/sub/f'`);
  const root = folder.at("r\udcff");
  const { entries } = await walk(disk, root, defaults);
  assert.deepEqual(entries, [{ path: `${root}/sub`, kind: "directory" }, {
    path: `${root}/sub/f`,
    kind: "file",
  }]);
});

Deno.test("walk() stops where there is no more room for what it finds", async () => {
  using folder = makeFolder(tree);
  const found: string[] = [];
  const { entries, truncated } = await walk(disk, folder.at("w"), {}, ({ path }) => found.push(path) < 4);
  assert.deepEqual(entries.map(({ path }) => path), [".h", "a", "b"].map((name) => folder.at(`w/${name}`)));
  assert.deepEqual([found.length, truncated], [4, true]);
});

Deno.test("walk() goes as far as it may where it is not told how far", async () => {
  using folder = makeFolder(tree);
  const { entries } = await walk(disk, folder.at("w"));
  assert.equal(entries.length, 10);
  for (const name of ["maxDepth", "maxDirectories", "maxEntries"]) {
    for (const limit of [-1, 1.5, NaN]) {
      await assertFails(walk(disk, "/", { [name]: limit }), errorCodes.invalidParams, /whole number/);
    }
  }
});

Deno.test("walk() gives the first names of a directory that is much larger than its limits", async () => {
  using folder = makeFolder(`mkdir large; cd large; seq 0 ${2 * DIRECTORY_PART_ENTRIES} | xargs touch`);
  for (const some of [disk, new MachineDisk()]) {
    assert.equal(await show(folder.at("large"), { maxEntries: 5 }, some), "0 1 10 100 1000 ...");
  }
});
