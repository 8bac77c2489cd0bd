import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { writeFile } from "../../src/file_system/write_file.ts";
import { errorCodes } from "../../src/protocol/errors.ts";
import { assertFails, bytesOf, disk, makeFolder, runningProgram, texts, zoo } from "./fixture.ts";

Deno.test("writeFile() makes a file, and replaces all that one holds", async () => {
  using folder = makeFolder("touch made-by-bash");
  const path = folder.at("w");
  await writeFile(disk, path, bytesOf("a longer text"));
  assert.equal(readFileSync(path, "utf8"), "a longer text");
  assert.equal(statSync(path).mode, statSync(folder.at("made-by-bash")).mode);
  await writeFile(disk, path, bytesOf("2"));
  assert.equal(readFileSync(path, "utf8"), "2");
  await writeFile(disk, path, new Uint8Array());
  assert.equal(statSync(path).size, 0);
});

Deno.test("writeFile() keeps mode and identity of what is there, also through links", async () => {
  using folder = makeFolder("printf old > f; chmod 751 f; ln f hard; ln -s f soft; ln -s made dangling");
  const before = statSync(folder.at("f"));
  await writeFile(disk, folder.at("soft"), bytesOf("new"));
  const after = statSync(folder.at("f"));
  assert.deepEqual([after.ino, after.mode & 0o7777], [before.ino, 0o751]);
  assert.equal(readFileSync(folder.at("hard"), "utf8"), "new");
  await writeFile(disk, folder.at("dangling"), bytesOf("x"));
  assert.equal(readFileSync(folder.at("made"), "utf8"), "x");
});

Deno.test("writeFile() tells a missing directory from one that is in the way", async () => {
  using folder = makeFolder(zoo);
  const data = bytesOf("x");
  await assertFails(writeFile(disk, folder.at("no/w"), data), errorCodes.notFound, texts.missing);
  await assertFails(writeFile(disk, folder.at("d"), data), errorCodes.internal, texts.isDirectory);
  await assertFails(writeFile(disk, "/", data), errorCodes.internal, texts.isDirectory);
  await assertFails(writeFile(disk, folder.at("a/b"), data), errorCodes.internal, texts.notDirectory);
  await assertFails(writeFile(disk, folder.at("loop"), data), errorCodes.internal, texts.loop);
});

Deno.test("writeFile() refuses links when told so, and writes nothing", async () => {
  using folder = makeFolder(zoo);
  const strict = { followSymlinks: false };
  const data = bytesOf("via");
  await assertFails(writeFile(disk, folder.at("ln"), data, strict), errorCodes.internal, texts.loop);
  await assertFails(writeFile(disk, folder.at("broken"), data, strict), errorCodes.internal, texts.loop);
  await assertFails(
    writeFile(disk, folder.at("dl/f"), data, strict),
    errorCodes.internal,
    texts.notDirectory,
  );
  await assertFails(writeFile(disk, folder.at("d"), data, strict), errorCodes.internal, texts.isDirectory);
  await assertFails(writeFile(disk, folder.at("d/no/f"), data, strict), errorCodes.notFound, texts.missing);
  await assertFails(writeFile(disk, "/", data, strict), errorCodes.invalidRequest, "path must name an entry");
  await writeFile(disk, folder.at("d/new"), data, strict);
  assert.equal(folder.sh("cat a d/f d/new; test ! -e nowhere"), "helloxvia");
});

Deno.test("writeFile() does not wait for the reader of a FIFO, and writes to devices", async () => {
  using folder = makeFolder("mkfifo p");
  await assertFails(
    writeFile(disk, folder.at("p"), bytesOf("x")),
    errorCodes.internal,
    /No such device or address/,
  );
  await writeFile(disk, "/dev/null", bytesOf("x"));
  await assertFails(
    writeFile(disk, "/dev/full", bytesOf("x")),
    errorCodes.internal,
    /No space left on device/,
  );
});

Deno.test("writeFile() refuses a program that is running", async () => {
  using folder = makeFolder(runningProgram);
  try {
    await assertFails(
      writeFile(disk, folder.at("sl"), bytesOf("x")),
      errorCodes.internal,
      "Text file busy (os error 26)",
    );
  } finally {
    folder.sh("kill $(cat pid)");
  }
});

Deno.test("writeFile() makes names that are not UTF-8", async () => {
  using folder = makeFolder(`mkdir $'d\\xfe'`);
  await writeFile(disk, folder.at("d\udcfe/n\udcff"), bytesOf("1"));
  await writeFile(disk, folder.at("d\udcfe/n\udcff"), bytesOf("23"));
  await writeFile(disk, folder.at("d\udcfe/m\udcff"), bytesOf("4"), { followSymlinks: false });
  assert.equal(folder.sh(`cat $'d\\xfe/n\\xff' $'d\\xfe/m\\xff'`), "234");
});
