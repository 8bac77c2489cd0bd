/**
 * What the operations answer where they have no permission. A program of its own, because it gives up the rights of its
 * whole process; permission_test.ts runs it.
 */
import assert from "node:assert/strict";
import process from "node:process";
import { copy } from "../../src/file_system/copy.ts";
import { createDirectory } from "../../src/file_system/create_directory.ts";
import { FileWatches } from "../../src/file_system/file_watches.ts";
import { getMetadata } from "../../src/file_system/metadata.ts";
import { readDirectory } from "../../src/file_system/read_directory.ts";
import { readFile } from "../../src/file_system/read_file.ts";
import { remove } from "../../src/file_system/remove.ts";
import { walk } from "../../src/file_system/walk.ts";
import { writeFile } from "../../src/file_system/write_file.ts";
import { errorCodes } from "../../src/protocol/errors.ts";
import { assertFails, bytesOf, disk, makeFolder } from "./fixture.ts";

const nobody = 65534;
const denied = "Permission denied (os error 13)";

const folder = makeFolder(`
  mkdir -p w/closed w/open; touch w/closed/f w/open/g; printf secret > f
  ln -s closed/f w/link; ln -s closed w/way
  mkdir own; printf 1 > own/readable; chmod 444 own/readable; ln -s readable own/link; chmod 777 own
  chmod 755 . w w/open; chmod 700 w/closed; chmod 600 f; chmod 555 w/open
`);
const isRoot = process.geteuid?.() === 0;
if (isRoot) process.seteuid!(nobody);
else folder.sh("chmod 000 w/closed f");
try {
  const path = (name: string) => folder.at(name);
  const limits = { maxDepth: 9, maxDirectories: 9, maxEntries: 9 };
  const operations = {
    readFile: () => readFile(disk, path("f")),
    readFileBelow: () => readFile(disk, path("w/closed/f")),
    readFileWithoutLinks: () => readFile(disk, path("w/closed/f"), { followSymlinks: false }),
    writeFile: () => writeFile(disk, path("f"), bytesOf("x")),
    createFile: () => writeFile(disk, path("w/open/new"), bytesOf("x")),
    createDirectory: () => createDirectory(disk, path("w/open/new/er")),
    getMetadata: () => getMetadata(disk, path("w/closed/f")),
    canonicalize: () => disk.realpath(path("w/closed/f")),
    readDirectory: () => readDirectory(disk, path("w/closed")),
    walk: () => walk(disk, path("w/closed/d"), { ...limits, followDirectorySymlinks: false }),
    remove: () => remove(disk, path("w/open/g")),
    removeBelow: () => remove(disk, path("w/closed/none")),
    copyFrom: () => copy(disk, path("f"), path("w/copy"), { recursive: false }),
    copyTo: () => copy(disk, path("w/open/g"), path("w/open/h"), { recursive: false }),
  };
  for (const [name, operation] of Object.entries(operations)) {
    await assertFails(operation(), errorCodes.invalidRequest, denied).catch((error) => {
      throw new Error(name, { cause: error });
    });
  }
  await copy(disk, path("own/readable"), path("own/copy"), { recursive: false });
  assert.equal(folder.sh("cat own/copy; stat -c ' %a' own/copy"), "1 444\n");
  assert.equal((await getMetadata(disk, path("f"))).size, 6);
  assert.deepEqual(
    (await readDirectory(disk, path("w"))).map(({ name }) => name).toSorted(),
    ["closed", "open", "way"],
  );
  const root = path("w");
  for (const followDirectorySymlinks of [false, true]) {
    assert.deepEqual(await walk(disk, path("w"), { ...limits, followDirectorySymlinks }), {
      entries: [
        { path: `${root}/closed`, kind: "directory" },
        { path: `${root}/open`, kind: "directory" },
        ...(followDirectorySymlinks ? [{ path: `${root}/way`, kind: "directory" }] : []),
        { path: `${root}/open/g`, kind: "file" },
      ],
      errors: [{ path: `${root}/closed`, message: denied }],
      truncated: false,
    });
  }
  // What may not be read is left out of a watch, and watched from the moment that it may.
  let wake = () => {};
  const told: string[] = [];
  using watches = new FileWatches(disk);
  await watches.watch("w", root, { recursive: true }, ({ changes }) => {
    told.push(...changes.map((change) => `${change.kind} ${change.path.slice(root.length)}`));
    wake();
  });
  const until = async (line: string) => {
    while (!told.includes(line)) await new Promise<void>((resolve) => wake = resolve);
  };
  folder.sh("chmod 777 w/closed");
  await until("create /closed/f");
  folder.sh("touch w/closed/late");
  await until("create /closed/late");
} finally {
  if (isRoot) process.seteuid!(0);
  folder.sh("chmod -R u+rwX .");
  folder[Symbol.dispose]();
}
