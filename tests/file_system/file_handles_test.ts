import assert from "node:assert/strict";
import { readFileSync, statSync, truncateSync } from "node:fs";
import process from "node:process";
import { FileHandles } from "../../src/file_system/file_handles.ts";
import { FILE_BLOCK_BYTES, FILE_HANDLES } from "../../src/limits.ts";
import { errorCodes } from "../../src/protocol/errors.ts";
import { assertFails, bytesOf, disk, makeFolder, textOf, texts, zoo } from "./fixture.ts";

const { internal, invalidRequest, notFound } = errorCodes;

async function block(
  files: FileHandles,
  id: string,
  offset: number,
  len: number,
): Promise<[string, boolean]> {
  const { bytes, eof } = await files.readBlock(id, offset, len);
  return [textOf(bytes), eof];
}

Deno.test("FileHandles reads blocks at offsets, and tells the end when it met it", async () => {
  using folder = makeFolder(zoo);
  await using files = new FileHandles(disk);
  await files.open("h", folder.at("ln"));
  assert.deepEqual(await block(files, "h", 0, 3), ["hel", false]);
  assert.deepEqual(await block(files, "h", 2, 3), ["llo", false]);
  assert.deepEqual(await block(files, "h", 2, 4), ["llo", true]);
  assert.deepEqual(await block(files, "h", 5, 1), ["", true]);
  assert.deepEqual(await block(files, "h", 2 ** 53, 1), ["", true]);
  await files.close("h");
  await assertFails(files.readBlock("h", 0, 1), notFound, "unknown file handle `h`");
  await files.close("h");
});

Deno.test("FileHandles reads a file of 10 GB in blocks", async () => {
  using folder = makeFolder("touch big");
  const size = 10 * 2 ** 30;
  truncateSync(folder.at("big"), size);
  folder.sh("printf end >> big");
  await using files = new FileHandles(disk);
  await files.open("h", folder.at("big"));
  const { bytes, eof } = await files.readBlock("h", size - FILE_BLOCK_BYTES + 3, FILE_BLOCK_BYTES);
  assert.deepEqual([bytes.length, textOf(bytes.subarray(-3)), eof], [FILE_BLOCK_BYTES, "end", false]);
});

Deno.test("FileHandles writes blocks at offsets, which leaves holes", async () => {
  using folder = makeFolder("printf old > a; chmod 751 a; ln -s made dangling");
  await using files = new FileHandles(disk);
  await files.open("w", folder.at("a"), "replace");
  assert.equal(statSync(folder.at("a")).size, 0);
  await files.writeBlock("w", 0, bytesOf("hello"));
  await files.writeBlock("w", 7, bytesOf("x"));
  await files.writeBlock("w", 2 ** 40, bytesOf("far"));
  await files.close("w");
  assert.equal(statSync(folder.at("a")).size, 2 ** 40 + 3);
  truncateSync(folder.at("a"), 8);
  assert.equal(readFileSync(folder.at("a"), "utf8"), "hello\0\0x");
  assert.equal(statSync(folder.at("a")).mode & 0o777, 0o751);
  await files.open("w", folder.at("dangling"), "replace");
  await files.writeBlock("w", 0, bytesOf("through"));
  assert.equal(folder.sh("cat made"), "through");
});

Deno.test("FileHandles refuses blocks out of range", async () => {
  using folder = makeFolder(zoo);
  await using files = new FileHandles(disk);
  await files.open("r", folder.at("a"));
  await files.open("w", folder.at("new"), "replace");
  const read = "file read block length must be between 1 and 1048576";
  await assertFails(files.readBlock("r", 0, 0), invalidRequest, read);
  await assertFails(files.readBlock("r", 0, FILE_BLOCK_BYTES + 1), invalidRequest, read);
  await assertFails(files.readBlock("unknown", 0, 0), invalidRequest, read);
  const write = "file write block length must be between 1 and 1048576";
  await assertFails(files.writeBlock("w", 0, new Uint8Array()), invalidRequest, write);
  await assertFails(files.writeBlock("w", 0, new Uint8Array(FILE_BLOCK_BYTES + 1)), invalidRequest, write);
  const range = "file write range exceeds the signed 64-bit file offset limit";
  await assertFails(files.writeBlock("w", 2 ** 63, bytesOf("x")), invalidRequest, range);
  await assertFails(files.writeBlock("w", 2 ** 62, bytesOf("x")), internal, "File too large (os error 27)");
  await assertFails(files.writeBlock("w", 2 ** 52, bytesOf("x")), internal, "File too large (os error 27)");
  await files.writeBlock("w", 0, bytesOf("ok"));
  assert.deepEqual(await block(files, "r", 0, FILE_BLOCK_BYTES), ["hello", true]);
  assert.equal(folder.sh("cat new"), "ok");
});

Deno.test("FileHandles closes a stream on which reading failed, not one on which writing did", async () => {
  using folder = makeFolder(zoo);
  await using files = new FileHandles(disk);
  const badDescriptor = "Bad file descriptor (os error 9)";
  await files.open("r", folder.at("a"));
  await assertFails(files.writeBlock("r", 0, bytesOf("x")), internal, badDescriptor);
  assert.deepEqual(await block(files, "r", 0, 1), ["h", false]);
  await files.open("w", folder.at("new"), "replace");
  await assertFails(files.readBlock("w", 0, 1), internal, badDescriptor);
  await assertFails(files.writeBlock("w", 0, bytesOf("x")), notFound, "unknown file handle `w`");
  await assertFails(files.readBlock("r", 2 ** 63, 1), invalidRequest, "Invalid argument (os error 22)");
  await assertFails(files.readBlock("r", 0, 1), notFound, "unknown file handle `r`");
});

Deno.test("FileHandles opens regular files only, and waits for no FIFO", async () => {
  using folder = makeFolder(zoo);
  await using files = new FileHandles(disk);
  await assertFails(files.open("h", folder.at("none")), notFound, texts.missing);
  for (const path of [folder.at("d"), folder.at("p"), "/dev/null"]) {
    await assertFails(files.open("h", path), invalidRequest, `path \`${path}\` is not a file`);
  }
  await assertFails(files.open("h", folder.at("d"), "replace"), internal, texts.isDirectory);
  await assertFails(files.open("h", folder.at("p"), "replace"), internal, /No such device or address/);
  await assertFails(
    files.open("h", "/dev/null", "replace"),
    invalidRequest,
    "path `/dev/null` is not a file",
  );
  await assertFails(files.open("h", folder.at("none/x"), "replace"), notFound, texts.missing);
  await files.open("h", "/proc/version");
  assert.deepEqual(await block(files, "h", 0, 6), ["Linux ", false]);
});

Deno.test("FileHandles takes names of up to 32 bytes, each once", async () => {
  using folder = makeFolder(zoo);
  await using files = new FileHandles(disk);
  const path = folder.at("a");
  for (const id of ["", "x".repeat(32), "é".repeat(16)]) await files.open(id, path);
  const tooLong = "file handle ID must not exceed 32 bytes";
  await assertFails(files.open("é".repeat(17), path), invalidRequest, tooLong);
  await assertFails(files.readBlock("x".repeat(33), 0, 1), invalidRequest, tooLong);
  await assertFails(files.close("x".repeat(33)), invalidRequest, tooLong);
  await assertFails(files.open("", folder.at("none")), invalidRequest, "file handle `` already exists");
});

Deno.test("FileHandles holds so many streams at once and no more, also when they come together", async () => {
  using folder = makeFolder(zoo);
  await using files = new FileHandles(disk);
  const opened = await Promise.allSettled(
    Array.from({ length: FILE_HANDLES + 2 }, (_, index) => files.open(`h${index}`, folder.at("a"))),
  );
  assert.equal(opened.filter(({ status }) => status === "fulfilled").length, FILE_HANDLES);
  const message = "at most 128 file handles may be open per connection";
  await assertFails(files.open("more", folder.at("a")), invalidRequest, message);
  await files.close("h0");
  await assertFails(files.open("more", folder.at("none")), notFound);
  await files.open("more", folder.at("a"));
});

Deno.test("FileHandles closes everything when the connection goes, also what is being opened and read", async () => {
  using folder = makeFolder(zoo);
  const files = new FileHandles(disk);
  await files.open("h", folder.at("a"));
  const reading = files.readBlock("h", 0, 5);
  const opening = files.open("late", folder.at("a"));
  await files[Symbol.asyncDispose]();
  assert.equal(textOf((await reading).bytes), "hello");
  await opening;
  const held = folder.sh(`ls -l /proc/${process.pid}/fd`);
  assert.ok(!held.includes(folder.path), held);
  await assertFails(files.readBlock("late", 0, 1), notFound);
  await assertFails(files.open("h", folder.at("a")), invalidRequest);
});
