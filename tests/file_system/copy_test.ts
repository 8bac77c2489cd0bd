import assert from "node:assert/strict";
import { readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { copy } from "../../src/file_system/copy.ts";
import { remove } from "../../src/file_system/remove.ts";
import { errorCodes } from "../../src/protocol/errors.ts";
import {
  assertFails,
  disk,
  type Folder,
  makeDeep,
  makeFolder,
  runningProgram,
  texts,
  zoo,
} from "./fixture.ts";

const { internal, invalidRequest, notFound } = errorCodes;

function copyIn(
  folder: Folder,
  source: string,
  destination: string,
  options = { recursive: true },
): Promise<void> {
  return copy(disk, folder.at(source), folder.at(destination), options);
}

Deno.test("copy() copies a file with its mode, over what is there", async () => {
  using folder = makeFolder(
    "printf A > a; chmod 4751 a; printf 'old and longer' > b; chmod 600 b; ln b hard",
  );
  await copyIn(folder, "a", "b");
  await copyIn(folder, "a", "new", { recursive: false });
  assert.equal(folder.sh("cat hard new; stat -c ' %a' b new"), "AA 4751\n 4751\n");
});

Deno.test("copy() leaves a file whole that is copied onto itself", async () => {
  using folder = makeFolder(
    "printf hello > a; chmod 640 a; ln -s a soft; ln a hard; mkdir d; ln -s ../a d/up",
  );
  for (const name of ["a", "soft", "hard", "d/up"]) await copyIn(folder, "a", name, { recursive: false });
  assert.equal(folder.sh("cat a; stat -c ' %a' a; readlink soft"), "hello 640\na\n");
});

Deno.test("copy() copies files that are large, empty or without a size", async () => {
  using folder = makeFolder("touch empty");
  const bytes = Uint8Array.from({ length: 3_000_001 }, (_, index) => index % 251);
  writeFileSync(folder.at("large"), bytes);
  await copyIn(folder, "large", "copy");
  assert.deepEqual(new Uint8Array(readFileSync(folder.at("copy"))), bytes);
  await copyIn(folder, "empty", "copy");
  assert.equal(statSync(folder.at("copy")).size, 0);
  await copy(disk, "/proc/version", folder.at("version"), { recursive: false });
  assert.match(readFileSync(folder.at("version"), "utf8"), /^Linux version /);
});

Deno.test("copy() copies links as links, and replaces nothing by one", async () => {
  using folder = makeFolder(zoo);
  for (const name of ["ln", "dl", "broken", "loop"]) {
    await copyIn(folder, name, `${name}2`, { recursive: false });
    assert.equal(readlinkSync(folder.at(`${name}2`)), readlinkSync(folder.at(name)));
    await assertFails(copyIn(folder, name, `${name}2`), internal, texts.exists);
  }
  await assertFails(copyIn(folder, "ln", "a"), internal, texts.exists);
});

Deno.test("copy() follows a link at the destination of a file", async () => {
  using folder = makeFolder(zoo + "printf new > n");
  await copyIn(folder, "n", "ln");
  await copyIn(folder, "n", "broken");
  assert.equal(folder.sh("cat a nowhere"), "newnew");
});

Deno.test("copy() tells what does not exist from what is in the way", async () => {
  using folder = makeFolder(zoo);
  await assertFails(copyIn(folder, "none", "x"), notFound, texts.missing);
  await assertFails(copyIn(folder, "a", "none/x"), notFound, texts.missing);
  await assertFails(copyIn(folder, "a", "d"), internal, texts.isDirectory);
  await assertFails(copyIn(folder, "a", "ln/x"), internal, texts.notDirectory);
  await assertFails(copyIn(folder, "a/x", "x"), internal, texts.notDirectory);
  for (const name of ["a", "ln", "broken"]) {
    await assertFails(copyIn(folder, "d", name), internal, texts.exists);
  }
});

Deno.test("copy() refuses what is neither file, directory nor link, and waits for no FIFO", async () => {
  using folder = makeFolder(zoo);
  const message = "fs/copy only supports regular files, directories, and symlinks";
  await assertFails(copyIn(folder, "p", "p2"), invalidRequest, message);
  await assertFails(copy(disk, "/dev/zero", folder.at("z"), { recursive: true }), invalidRequest, message);
  await assertFails(copyIn(folder, "a", "p"), internal, /No such device or address/);
  const mode = statSync("/dev/null").mode;
  await assertFails(
    copy(disk, folder.at("a"), "/dev/null", { recursive: false }),
    invalidRequest,
    /is not a file/,
  );
  assert.equal(statSync("/dev/null").mode, mode);
});

Deno.test("copy() of a directory needs recursive, makes parents, and merges", async () => {
  using folder = makeFolder(`
    mkdir -p s/sub; printf 1 > s/f; printf 2 > s/sub/g; ln -s f s/l; ln -s nowhere s/dead; mkfifo s/p
    chmod 750 s/sub; chmod 400 s/f
  `);
  const message = "fs/copy requires recursive: true when sourcePath is a directory";
  await assertFails(copyIn(folder, "s", "t", { recursive: false }), invalidRequest, message);
  await copyIn(folder, "s", "p/q/t");
  assert.equal(
    folder.sh("cd p/q/t; find . -mindepth 1 -printf '%P %y %l\\n' | sort; stat -c %a f; cat f sub/g"),
    "dead l nowhere\nf f \nl l f\nsub d \nsub/g f \n400\n12",
  );
  folder.sh("cd p/q/t; rm l dead; printf own > own; printf changed > sub/g");
  await copyIn(folder, "s", "p/q/t");
  assert.equal(folder.sh("cd p/q/t; cat own sub/g; ls"), "own2dead\nf\nl\nown\nsub\n");
  await assertFails(copyIn(folder, "s", "p/q/t"), internal, texts.exists);
});

Deno.test("copy() into a tree follows the links that are there", async () => {
  using folder = makeFolder("mkdir -p s/sub t out; printf 1 > s/sub/g; ln -s ../out t/sub");
  await copyIn(folder, "s", "t");
  assert.equal(folder.sh("cat out/g; readlink t/sub"), "1../out\n");
});

Deno.test("copy() does not copy a directory into itself, under whatever name", async () => {
  using folder = makeFolder("mkdir -p s/sub; ln -s s link; mkdir -p s/..dots");
  const message = "fs/copy cannot copy a directory to itself or one of its descendants";
  folder.sh("printf f > s/file; ln -s loop s/loop");
  const names = ["s", "s/sub", "s/sub/new/er", "s/..dots/x", "link", "link/x", "s/file/x", "s/loop/x"];
  for (const name of names) {
    await assertFails(copyIn(folder, "s", name), invalidRequest, message);
  }
  await assertFails(copy(disk, "/", folder.at("root"), { recursive: true }), invalidRequest, message);
  await copyIn(folder, "s", "sibling");
  await copyIn(folder, "s/sub", "s");
});

Deno.test("copy() refuses to replace a program that is running", async () => {
  using folder = makeFolder(`printf x > a\n${runningProgram}`);
  try {
    await assertFails(copyIn(folder, "a", "sl"), internal, "Text file busy (os error 26)");
  } finally {
    folder.sh("kill $(cat pid)");
  }
});

Deno.test("copy() keeps names and link targets that are not UTF-8", async () => {
  using folder = makeFolder(`
    mkdir -p $'s\\xff/d\\xfe'; printf 1 > $'s\\xff/d\\xfe/n\\xfd'; ln -s $'n\\xfd' $'s\\xff/d\\xfe/l'
    mkdir t; printf 2 > $'t/n\\xfd'; ln -s $'n\\xfd' t/l
  `);
  await copyIn(folder, "s\udcff", "c\udcfc");
  await copyIn(folder, "t", "u");
  assert.equal(folder.sh(`cat $'c\\xfc/d\\xfe/l' u/l; readlink u/l | od -An -tx1`), "12 6e fd 0a\n");
});

Deno.test("copy() of a tree that is deeper than any path is long fails where paths end, and holds one directory open", async () => {
  using folder = makeFolder();
  makeDeep(folder, "t", 3_000);
  await assertFails(
    copy(disk, folder.at("t"), folder.at("u"), { recursive: true }),
    internal,
    texts.tooLong,
  );
  for (const name of ["t", "u"]) await remove(disk, folder.at(name));
});
