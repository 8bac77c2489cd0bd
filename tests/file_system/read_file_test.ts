import assert from "node:assert/strict";
import { truncateSync, writeFileSync } from "node:fs";
import { readFile } from "../../src/file_system/read_file.ts";
import { FILE_READ_BYTES } from "../../src/limits.ts";
import { errorCodes } from "../../src/protocol/errors.ts";
import { assertFails, disk, makeFolder, textOf, texts, zoo } from "./fixture.ts";

Deno.test("readFile() gives the bytes of a file as they are", async () => {
  using folder = makeFolder();
  const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index * 7);
  writeFileSync(folder.at("b"), bytes);
  assert.deepEqual(new Uint8Array(await readFile(disk, folder.at("b"))), bytes);
  writeFileSync(folder.at("empty"), "");
  assert.equal((await readFile(disk, folder.at("empty"))).length, 0);
});

Deno.test("readFile() follows links, and refuses them when told so", async () => {
  using folder = makeFolder(zoo);
  assert.equal(textOf(await readFile(disk, folder.at("ln"))), "hello");
  assert.equal(textOf(await readFile(disk, folder.at("dl/f"))), "x");
  const strict = { followSymlinks: false };
  assert.equal(textOf(await readFile(disk, folder.at("d/f"), strict)), "x");
  await assertFails(readFile(disk, folder.at("ln"), strict), errorCodes.internal, texts.loop);
  await assertFails(readFile(disk, folder.at("broken"), strict), errorCodes.internal, texts.loop);
  await assertFails(readFile(disk, folder.at("dl/f"), strict), errorCodes.internal, texts.notDirectory);
  await assertFails(readFile(disk, folder.at("none/f"), strict), errorCodes.notFound, texts.missing);
  await assertFails(
    readFile(disk, folder.at("d"), strict),
    errorCodes.invalidRequest,
    "path is not a regular file",
  );
  await assertFails(readFile(disk, "/", strict), errorCodes.invalidRequest, "path must name an entry");
});

Deno.test("readFile() tells what does not exist from what is no file", async () => {
  using folder = makeFolder(zoo);
  for (const name of ["none", "none/deeper", "broken"]) {
    await assertFails(readFile(disk, folder.at(name)), errorCodes.notFound, texts.missing);
  }
  for (const name of ["d", "p"]) {
    const message = `path \`${folder.at(name)}\` is not a file`;
    await assertFails(readFile(disk, folder.at(name)), errorCodes.invalidRequest, message);
  }
  await assertFails(readFile(disk, folder.at("a/b")), errorCodes.internal, texts.notDirectory);
  await assertFails(readFile(disk, folder.at("loop")), errorCodes.internal, texts.loop);
});

Deno.test("readFile() does not wait for the writer of a FIFO, nor read a device", async () => {
  using folder = makeFolder("mkfifo p; ln -s p lp");
  await assertFails(readFile(disk, folder.at("lp")), errorCodes.invalidRequest, /is not a file/);
  await assertFails(readFile(disk, folder.at("p"), { followSymlinks: false }), errorCodes.invalidRequest);
  await assertFails(readFile(disk, "/dev/zero"), errorCodes.invalidRequest, "path `/dev/zero` is not a file");
  await assertFails(readFile(disk, "/dev/null"), errorCodes.invalidRequest);
});

Deno.test("readFile() reads files of /proc, which have no size", async () => {
  assert.match(textOf(await readFile(disk, "/proc/version")), /^Linux version /);
  assert.match(textOf(await readFile(disk, "/proc/version", { followSymlinks: false })), /^Linux version /);
});

Deno.test("readFile() takes names of 255 bytes and paths of 4,095, and refuses longer ones", async () => {
  using folder = makeFolder();
  const name = "n".repeat(255);
  writeFileSync(folder.at(name), "long");
  assert.equal(textOf(await readFile(disk, folder.at(name))), "long");
  await assertFails(readFile(disk, folder.at(name + "n")), errorCodes.internal, texts.tooLong);
  // Repeated slashes make a path longer, but lead no further.
  const padded = (length: number) =>
    folder.path + "/".repeat(length - folder.path.length - name.length) + name;
  assert.equal(textOf(await readFile(disk, padded(4095))), "long");
  await assertFails(readFile(disk, padded(4096)), errorCodes.internal, texts.tooLong);
});

Deno.test("readFile() refuses a file above its limit without reading it", async () => {
  using folder = makeFolder("touch big");
  truncateSync(folder.at("big"), FILE_READ_BYTES + 1);
  const message = `file is too large to read: limit is ${FILE_READ_BYTES} bytes`;
  await assertFails(readFile(disk, folder.at("big")), errorCodes.invalidRequest, message);
  await assertFails(
    readFile(disk, folder.at("big"), { followSymlinks: false }),
    errorCodes.invalidRequest,
    message,
  );
});

Deno.test("readFile() refuses what its reader cannot take, of known size or not, and says how to read it", async () => {
  using folder = makeFolder("printf 0123456789 > ten");
  assert.equal(textOf(await readFile(disk, folder.at("ten"), { maxBytes: 10 })), "0123456789");
  const message = (limit: number) =>
    `file is too large to read: limit is ${limit} bytes; read it in parts with fs/open and fs/readBlock`;
  await assertFails(
    readFile(disk, folder.at("ten"), { maxBytes: 9 }),
    errorCodes.invalidRequest,
    message(9),
  );
  await assertFails(
    readFile(disk, "/proc/self/environ", { maxBytes: 1 }),
    errorCodes.invalidRequest,
    message(1),
  );
});

Deno.test("readFile() reaches names that are not UTF-8", async () => {
  using folder = makeFolder(`mkdir $'d\\xfe'; printf bytes > $'d\\xfe/n\\xff'; ln -s $'d\\xfe' link`);
  assert.equal(textOf(await readFile(disk, folder.at("d\udcfe/n\udcff"))), "bytes");
  assert.equal(textOf(await readFile(disk, folder.at("link/n\udcff"))), "bytes");
  assert.equal(
    textOf(await readFile(disk, folder.at("d\udcfe/n\udcff"), { followSymlinks: false })),
    "bytes",
  );
  await assertFails(
    readFile(disk, folder.at("d\udcfe")),
    errorCodes.invalidRequest,
    /d\ufffd` is not a file/,
  );
  await assertFails(readFile(disk, folder.at("d\udcfe/none")), errorCodes.notFound, texts.missing);
});
