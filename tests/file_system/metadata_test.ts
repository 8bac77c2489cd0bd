import assert from "node:assert/strict";
import { getMetadata } from "../../src/file_system/metadata.ts";
import { errorCodes } from "../../src/protocol/errors.ts";
import { assertFails, disk, makeFolder, texts, zoo } from "./fixture.ts";

const { internal, invalidRequest, notFound } = errorCodes;

Deno.test("getMetadata() tells files, directories and neither, links followed", async () => {
  using folder = makeFolder(zoo);
  const kinds: Record<string, unknown> = {};
  for (const name of ["a", "d", "ln", "dl", "p", "dl/f"]) {
    const { isDirectory, isFile, isSymlink, size } = await getMetadata(disk, folder.at(name));
    kinds[name] = { isDirectory, isFile, isSymlink, size: isDirectory ? "any" : size };
  }
  assert.deepEqual(kinds, {
    "a": { isDirectory: false, isFile: true, isSymlink: false, size: 5 },
    "d": { isDirectory: true, isFile: false, isSymlink: false, size: "any" },
    "ln": { isDirectory: false, isFile: true, isSymlink: true, size: 5 },
    "dl": { isDirectory: true, isFile: false, isSymlink: true, size: "any" },
    "p": { isDirectory: false, isFile: false, isSymlink: false, size: 0 },
    "dl/f": { isDirectory: false, isFile: true, isSymlink: false, size: 1 },
  });
});

Deno.test("getMetadata() tells times in whole milliseconds", async () => {
  using folder = makeFolder(`
    touch -d 2001-01-01T00:00:00.9999Z f
    touch -d 1950-01-01T00:00:00.5Z old
  `);
  const before = Date.now() - 60_000;
  const file = await getMetadata(disk, folder.at("f"));
  assert.equal(file.modifiedAtMs, 978_307_200_999);
  assert.ok(Number.isInteger(file.createdAtMs));
  assert.ok(
    file.createdAtMs > before && file.createdAtMs < Date.now() + 60_000,
    `born at ${file.createdAtMs}`,
  );
  assert.equal((await getMetadata(disk, folder.at("old"))).modifiedAtMs, -631_151_999_500);
  assert.equal((await getMetadata(disk, "/proc/version")).createdAtMs, 0);
});

Deno.test("getMetadata() tells sizes above 32 bits", async () => {
  using folder = makeFolder("truncate -s 10G big");
  assert.equal((await getMetadata(disk, folder.at("big"))).size, 10 * 2 ** 30);
});

Deno.test("getMetadata() tells what does not exist from what cannot be", async () => {
  using folder = makeFolder(zoo);
  for (const name of ["none", "none/deeper", "broken"]) {
    await assertFails(getMetadata(disk, folder.at(name)), notFound, texts.missing);
  }
  await assertFails(getMetadata(disk, folder.at("a/x")), internal, texts.notDirectory);
  await assertFails(getMetadata(disk, folder.at("loop")), internal, texts.loop);
});

Deno.test("getMetadata() refuses links when told so", async () => {
  using folder = makeFolder(zoo);
  const strict = { followSymlinks: false };
  assert.equal((await getMetadata(disk, folder.at("d/f"), strict)).size, 1);
  assert.ok((await getMetadata(disk, "/", strict)).isDirectory);
  for (const name of ["ln", "dl", "broken", "loop"]) {
    await assertFails(
      getMetadata(disk, folder.at(name), strict),
      invalidRequest,
      "path contains a symbolic link",
    );
  }
  await assertFails(getMetadata(disk, folder.at("dl/f"), strict), internal, texts.notDirectory);
  await assertFails(getMetadata(disk, folder.at("none/f"), strict), notFound, texts.missing);
});

Deno.test("getMetadata() reaches names that are not UTF-8", async () => {
  using folder = makeFolder(`printf 123 > $'n\\xff'; ln -s $'n\\xff' $'l\\xff'; ln -s $'n\\xff' l`);
  const { size, isSymlink } = await getMetadata(disk, folder.at("n\udcff"));
  assert.deepEqual([size, isSymlink], [3, false]);
  for (const name of ["l\udcff", "l"]) {
    const link = await getMetadata(disk, folder.at(name));
    assert.deepEqual([link.size, link.isSymlink], [3, true]);
  }
  await assertFails(getMetadata(disk, folder.at("none\udcff")), notFound, texts.missing);
  await assertFails(getMetadata(disk, folder.at("n\ufffd")), notFound, texts.missing);
});

Deno.test("Disk.realpath() gives names that are not UTF-8 by their bytes", async () => {
  using folder = makeFolder(`touch $'n\\xff'; ln -s $'n\\xff' l`);
  for (const name of ["l", "n\udcff"]) {
    assert.equal(await disk.realpath(folder.at(name)), folder.at("n\udcff"));
  }
});
