import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { createDirectory } from "../../src/file_system/create_directory.ts";
import { errorCodes } from "../../src/protocol/errors.ts";
import { assertFails, disk, makeFolder, texts, zoo } from "./fixture.ts";

const { internal, notFound } = errorCodes;

Deno.test("createDirectory() makes parents, and takes an existing directory for made", async () => {
  using folder = makeFolder(zoo);
  await createDirectory(disk, folder.at("x/y/z"));
  await createDirectory(disk, folder.at("x/y/z"));
  assert.ok(statSync(folder.at("x/y/z")).isDirectory());
  await createDirectory(disk, folder.at("dl"));
  await createDirectory(disk, folder.at("dl/via/link"));
  assert.ok(statSync(folder.at("d/via/link")).isDirectory());
  await createDirectory(disk, "/");
});

Deno.test("createDirectory() without recursive makes one, where nothing is", async () => {
  using folder = makeFolder(zoo);
  const options = { recursive: false };
  await createDirectory(disk, folder.at("x"), options);
  await assertFails(createDirectory(disk, folder.at("x"), options), internal, texts.exists);
  await assertFails(createDirectory(disk, folder.at("a"), options), internal, texts.exists);
  await assertFails(createDirectory(disk, folder.at("broken"), options), internal, texts.exists);
  await assertFails(createDirectory(disk, folder.at("q/y"), options), notFound, texts.missing);
  await assertFails(createDirectory(disk, "/", options), internal, texts.exists);
});

Deno.test("createDirectory() fails where something else is in the way", async () => {
  using folder = makeFolder(zoo);
  for (const name of ["a", "ln", "broken", "broken/x", "loop", "p"]) {
    await assertFails(createDirectory(disk, folder.at(name)), internal, texts.exists);
  }
  await assertFails(createDirectory(disk, folder.at("a/b/c")), internal, texts.notDirectory);
  await assertFails(createDirectory(disk, folder.at("loop/x")), internal, texts.loop);
  await assertFails(createDirectory(disk, folder.at("n".repeat(256) + "/y")), internal, texts.tooLong);
  await assertFails(createDirectory(disk, "/proc/none/x"), notFound, texts.missing);
});

Deno.test("createDirectory() refuses links when told so", async () => {
  using folder = makeFolder(zoo);
  const strict = { followSymlinks: false };
  await createDirectory(disk, folder.at("x/y"), strict);
  await createDirectory(disk, folder.at("x/y"), strict);
  await createDirectory(disk, "/", strict);
  for (const name of ["dl", "dl/q", "ln", "broken/a", "a", "a/b"]) {
    await assertFails(createDirectory(disk, folder.at(name), strict), internal, texts.notDirectory);
  }
  const one = { followSymlinks: false, recursive: false };
  await createDirectory(disk, folder.at("x/z"), one);
  await assertFails(createDirectory(disk, folder.at("x/z"), one), internal, texts.exists);
  await assertFails(createDirectory(disk, folder.at("dl"), one), internal, texts.exists);
  await assertFails(createDirectory(disk, folder.at("dl/q"), one), internal, texts.notDirectory);
  await assertFails(createDirectory(disk, folder.at("q/y"), one), notFound, texts.missing);
  await assertFails(createDirectory(disk, "/", one), internal, "directory already exists");
  assert.equal(folder.sh("ls d; ls x"), "f\nsub\ny\nz\n");
});

Deno.test("createDirectory() makes names that are not UTF-8", async () => {
  using folder = makeFolder();
  await createDirectory(disk, folder.at("d\udcff/e\udcfe"));
  await createDirectory(disk, folder.at("d\udcff/e\udcfe"));
  await createDirectory(disk, folder.at("d\udcff/s\udcfe/t"), { followSymlinks: false });
  assert.equal(folder.sh(`ls -b; ls -b $'d\\xff'`), "d\\377\ne\\376\ns\\376\n");
});
