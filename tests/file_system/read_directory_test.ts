import assert from "node:assert/strict";
import { MachineDisk } from "../../src/file_system/disk.ts";
import { readDirectory } from "../../src/file_system/read_directory.ts";
import { DIRECTORY_ENTRIES, DIRECTORY_PART_ENTRIES } from "../../src/limits.ts";
import { errorCodes } from "../../src/protocol/errors.ts";
import { assertFails, disk, makeFolder, texts, zoo } from "./fixture.ts";

async function list(path: string): Promise<Record<string, string>> {
  const entries = await readDirectory(disk, path);
  return Object.fromEntries(
    entries.toSorted((one, other) => one.name < other.name ? -1 : 1).map((entry) => [
      entry.name,
      entry.isDirectory ? "directory" : entry.isFile ? "file" : "other",
    ]),
  );
}

Deno.test("readDirectory() follows links, and leaves out those that lead nowhere", async () => {
  using folder = makeFolder(zoo);
  const expected = { a: "file", d: "directory", dl: "directory", ln: "file", p: "other" };
  assert.deepEqual(await list(folder.path), expected);
  assert.deepEqual(await list(folder.at("dl")), { f: "file", sub: "directory" });
  assert.deepEqual(await list(folder.at("d/sub")), {});
});

Deno.test("readDirectory() tells what does not exist from what is no directory", async () => {
  using folder = makeFolder(zoo);
  await assertFails(readDirectory(disk, folder.at("none")), errorCodes.notFound, texts.missing);
  await assertFails(readDirectory(disk, folder.at("broken")), errorCodes.notFound, texts.missing);
  for (const name of ["a", "p", "a/x"]) {
    await assertFails(readDirectory(disk, folder.at(name)), errorCodes.internal, texts.notDirectory);
  }
  await assertFails(readDirectory(disk, folder.at("loop")), errorCodes.internal, texts.loop);
});

const odd = `
  printf x > $'n\\xff'
  mkdir $'d\\xfe'
  ln -s $'d\\xfe' $'l\\xfd'
  touch $'real\\xef\\xbf\\xbd' plain
`;

Deno.test("readDirectory() replaces bytes of names that are not UTF-8", async () => {
  using folder = makeFolder(odd);
  assert.deepEqual(await list(folder.path), {
    "d\ufffd": "directory",
    "l\ufffd": "directory",
    "n\ufffd": "file",
    "plain": "file",
    "real\ufffd": "file",
  });
});

Deno.test("readDirectory() survives such names where the runtime's calls do not know them", async () => {
  using folder = makeFolder(odd);
  const entries = await readDirectory(new MachineDisk(), folder.path);
  const names = entries.map(({ name }) => name);
  for (const name of ["d\ufffd", "n\ufffd", "plain", "real\ufffd"]) assert.ok(names.includes(name), name);
});

Deno.test("readDirectory() lists every entry of a directory that is fetched in parts", async () => {
  const count = DIRECTORY_PART_ENTRIES + 1;
  using folder = makeFolder(`seq -f e%.0f ${count} | xargs touch`);
  for (const some of [disk, new MachineDisk()]) {
    const entries = await readDirectory(some, folder.path);
    assert.equal(new Set(entries.map(({ name }) => name)).size, count);
    assert.equal(entries.length, count);
  }
});

Deno.test("readDirectory() refuses more entries than its limit", async () => {
  using folder = makeFolder(`seq -f l%.0f ${DIRECTORY_ENTRIES + 1} | xargs touch`);
  await assertFails(readDirectory(disk, folder.path), errorCodes.internal, /more than 50000 entries/);
  folder.sh("rm l1");
  assert.equal((await readDirectory(disk, folder.path)).length, DIRECTORY_ENTRIES);
});
