import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { MachineDisk } from "../../src/file_system/disk.ts";
import { remove } from "../../src/file_system/remove.ts";
import { REMOVE_DIRECTORIES } from "../../src/limits.ts";
import { errorCodes } from "../../src/protocol/errors.ts";
import { assertFails, disk, makeDeep, makeFolder, texts, zoo } from "./fixture.ts";

const { internal, invalidRequest, notFound } = errorCodes;

Deno.test("remove() removes a tree, and takes what is not there for removed", async () => {
  using folder = makeFolder(zoo + "mkdir -p d/deep/er; ln -s ../../a d/deep/link; mkfifo d/deep/p");
  await remove(disk, folder.at("d"));
  assert.ok(!existsSync(folder.at("d")));
  for (const name of ["d", "none", "none/x", "broken/x"]) await remove(disk, folder.at(name));
  assert.equal(folder.sh("cat a"), "hello");
  await assertFails(remove(disk, folder.at("none"), { force: false }), notFound, texts.missing);
  await assertFails(remove(disk, folder.at("none/x"), { force: false }), notFound, texts.missing);
});

Deno.test("remove() without recursive removes a file or an empty directory", async () => {
  using folder = makeFolder(zoo + "mkdir e");
  await remove(disk, folder.at("a"), { recursive: false, force: false });
  await remove(disk, folder.at("e"), { recursive: false });
  await assertFails(remove(disk, folder.at("d"), { recursive: false }), internal, texts.notEmpty);
  assert.equal(folder.sh("ls"), "broken\nd\ndl\nln\nloop\np\n");
});

Deno.test("remove() removes a link, not what it leads to", async () => {
  using folder = makeFolder(zoo);
  for (const name of ["ln", "dl", "broken", "loop", "p"]) {
    await remove(disk, folder.at(name), { force: false });
  }
  assert.equal(folder.sh("ls; cat a d/f"), "a\nd\nhellox");
});

Deno.test("remove() fails below a file, also with force", async () => {
  using folder = makeFolder(zoo);
  await assertFails(remove(disk, folder.at("a/x")), internal, texts.notDirectory);
  await assertFails(remove(disk, folder.at("n".repeat(256))), internal, texts.tooLong);
  await assertFails(remove(disk, "/proc/version"), invalidRequest, texts.notPermitted);
});

Deno.test("remove() removes a tree that is deeper than any path is long, and holds few directories open", async () => {
  using folder = makeFolder("mkdir keep; touch keep/k");
  makeDeep(folder, "t", 5_000);
  folder.sh("touch t/d/d/f; ln -s ../../../keep t/d/d/link; mkdir -p t/d/e/x t/d/g; touch t/d/e/x/f");
  const before = readdirSync("/proc/self/fd").length;
  let most = 0;
  const counting = setInterval(() => most = Math.max(most, readdirSync("/proc/self/fd").length), 5);
  await remove(disk, folder.at("t"));
  clearInterval(counting);
  assert.ok(most - before < 2 * REMOVE_DIRECTORIES, `${most - before} more`);
  assert.equal(folder.sh("ls . keep"), ".:\nkeep\n\nkeep:\nk\n");
});

Deno.test("remove() stops at what it may not remove, and keeps that", async () => {
  using folder = makeFolder("mkdir -p t/a/b t/c");
  const kept = new MachineDisk();
  kept.rmdir = (path) =>
    path.endsWith("/b") ? Promise.reject(denied()) : MachineDisk.prototype.rmdir.call(kept, path);
  const denied = () => Object.assign(new Error(), { code: "EACCES" });
  await assertFails(remove(kept, folder.at("t")), invalidRequest);
  assert.ok(existsSync(folder.at("t/a/b")));
});

Deno.test("remove() does not remove the root directory", async () => {
  // Without `recursive` the kernel would refuse it as well, so a mistake here harms nothing.
  const message = "fs/remove does not remove the root directory";
  await assertFails(remove(disk, "/", { recursive: false }), invalidRequest, message);
});

Deno.test("remove() refuses links when told so, and then only without recursive", async () => {
  using folder = makeFolder(zoo + "mkdir e");
  const strict = { followSymlinks: false, recursive: false };
  const message = "recursive no-follow removal is unsupported";
  await assertFails(remove(disk, folder.at("a"), { followSymlinks: false }), internal, message);
  await assertFails(remove(disk, folder.at("ln"), strict), invalidRequest, "path contains a symbolic link");
  await assertFails(remove(disk, folder.at("dl/f"), strict), internal, texts.notDirectory);
  await assertFails(remove(disk, folder.at("d"), strict), internal, texts.notEmpty);
  await assertFails(remove(disk, folder.at("none"), { ...strict, force: false }), notFound, texts.missing);
  await assertFails(remove(disk, "/", strict), invalidRequest, "path must name an entry");
  for (const name of ["a", "e", "none", "none/x"]) await remove(disk, folder.at(name), strict);
  assert.equal(folder.sh("ls; ls d"), "broken\nd\ndl\nln\nloop\np\nf\nsub\n");
});

Deno.test("remove() removes names that are not UTF-8", async () => {
  const script =
    `mkdir -p $'t/d\\xfe/e' $'u\\xff/d\\xfe'; touch $'t/d\\xfe/n\\xff' $'u\\xff/d\\xfe/n\\xff' $'f\\xff'`;
  using folder = makeFolder(script + "; mkdir keep; touch keep/k; ln -s ../../keep $'u\\xff/d\\xfe/l\\xff'");
  for (const name of ["t", "u\udcff", "f\udcff"]) await remove(disk, folder.at(name), { force: false });
  assert.equal(folder.sh("ls; ls keep"), "keep\nk\n");
  await assertFails(remove(disk, folder.at("f\udcff"), { force: false }), notFound, texts.missing);
});
