/** What operations answer under a policy: mostly as recorded from the reference server, whose kernel decides. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { tmpdir } from "node:os";
import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { ConfinedDisk } from "../../src/file_system/confined/confined_disk.ts";
import { openPack, openUnpack } from "../../src/file_system/archive/open_archive.ts";
import { copy } from "../../src/file_system/copy.ts";
import { createDirectory } from "../../src/file_system/create_directory.ts";
import { FileHandles } from "../../src/file_system/file_handles.ts";
import { FileWatches } from "../../src/file_system/file_watches.ts";
import { getMetadata } from "../../src/file_system/metadata.ts";
import { readDirectory } from "../../src/file_system/read_directory.ts";
import { readFile } from "../../src/file_system/read_file.ts";
import { remove } from "../../src/file_system/remove.ts";
import { walk } from "../../src/file_system/walk.ts";
import { writeFile } from "../../src/file_system/write_file.ts";
import { FileView } from "../../src/sandbox/file_view.ts";
import type { Access, PolicyEntry } from "../../src/sandbox/policy.ts";
import { resolvePolicy } from "../../src/sandbox/resolve_policy.ts";
import { assertFails, bytesOf, disk, type Folder, makeFolder, textOf } from "./fixture.ts";

const tree = `
  mkdir -p w/sub/deep w/secret/a/b w/.git r
  printf hello > w/f; printf c > w/.git/config; printf x > w/sub/deep/f; printf secret > w/secret/s
  printf h > w/hidden; printf o > w/ro; printf c > w/secret/a/b/c; printf r > r/f
  ln -s ../r w/out; ln -s ../r/new w/dangling; ln -s secret/s w/toSecret; ln -s f w/toFile; mkfifo r/p w/p
`;
const readOnly = [-32603, "Read-only file system (os error 30)"] as const;
const denied = [-32600, "Permission denied (os error 13)"] as const;
const missing = [-32004, "No such file or directory (os error 2)"] as const;
const busy = [-32603, "Device or resource busy (os error 16)"] as const;

const root: PolicyEntry = { place: { kind: "root" }, access: "read" };

/** What a policy of entries leaves: for who looks, and for who changes. */
async function confine(entries: readonly PolicyEntry[]) {
  const files = { entries, workspaceRoots: [], patternsFrom: "/" };
  const surroundings = { temporaryDirectory: undefined, home: undefined };
  const view = new FileView(await resolvePolicy({ files, network: "enabled" }, surroundings));
  return {
    seen: new ConfinedDisk(disk, view, { showsPlaceholders: false }),
    changed: new ConfinedDisk(disk, view, { showsPlaceholders: true }),
  };
}

function scene(folder: Folder) {
  const entry = (access: Access, name: string): PolicyEntry => ({
    place: { kind: "path", path: folder.at(name) },
    access,
  });
  return {
    entry,
    /** The workspace may be written to; some of it is hidden or read only. */
    usual: () =>
      confine([
        root,
        entry("write", "w"),
        entry("none", "w/secret"),
        entry("none", "w/hidden"),
        entry("none", "w/missing"),
        entry("read", "w/ro"),
        entry("read", "w/sub/deep"),
      ]),
  };
}

const bytes = bytesOf("new");

Deno.test("what a policy lets be written is written, and nothing else", async () => {
  using folder = makeFolder(tree);
  const { changed } = await scene(folder).usual();
  const write = (name: string) => writeFile(changed, folder.at(name), bytes);
  for (const name of ["w/new", "w/f", "w/toFile", "w/sub/new"]) await write(name);
  assert.deepEqual([textOf(readFileSync(folder.at("w/f"))), textOf(readFileSync(folder.at("w/new")))], [
    "new",
    "new",
  ]);
  for (
    const name of [
      ...["r/new", "r/f", "w/out/new", "w/out/f", "w/dangling", "w/hidden", "w/missing", "w/ro"],
      ...["w/sub/deep/new", "w/.git/config", "w/.git/new", "w/.codex/new", "r/p"],
    ]
  ) await assertFails(write(name), ...readOnly);
  for (const name of ["w/secret/new", "w/secret/s", "w/toSecret"]) await assertFails(write(name), ...denied);
  for (const name of ["r/no/new", "w/no/new", "w/.codex/a/b"]) await assertFails(write(name), ...missing);
  for (const name of ["w/sub", "r", "w/.codex"]) {
    await assertFails(write(name), -32603, "Is a directory (os error 21)");
  }
  await assertFails(write("w/missing/new"), -32603, "Not a directory (os error 20)");
  const withoutLinks = { followSymlinks: false };
  await writeFile(changed, folder.at("w/plain"), bytes, withoutLinks);
  await assertFails(writeFile(changed, folder.at("r/f"), bytes, withoutLinks), ...readOnly);
  await assertFails(writeFile(changed, folder.at("w/toFile"), bytes, withoutLinks), -32603);
  await writeFile(changed, "/dev/null", bytes);
  await assertFails(writeFile(changed, "/dev/exec-server-test", bytes), ...readOnly);
  assert.deepEqual(readdirSync(folder.at("r")).sort(), ["f", "p"]);
  assert.equal(readFileSync(folder.at("r/f"), "utf8"), "r");
});

Deno.test("what a policy hides is not read, and is told of no more than that it is there", async () => {
  using folder = makeFolder(tree);
  const { seen } = await scene(folder).usual();
  const read = (name: string) => readFile(seen, folder.at(name));
  assert.equal(textOf(await read("w/out/f")), "r");
  assert.equal(textOf(await read("w/.git/config")), "c");
  for (const name of ["w/secret/s", "w/secret/none", "w/toSecret", "w/hidden", "w/secret"]) {
    await assertFails(read(name), ...denied);
  }
  for (const name of ["w/missing", "w/.codex", "w/none"]) await assertFails(read(name), ...missing);
  const { isDirectory, size, modifiedAtMs } = await getMetadata(seen, folder.at("w/secret"));
  assert.deepEqual([isDirectory, size, modifiedAtMs], [true, 40, 0]);
  assert.equal((await getMetadata(seen, folder.at("w/hidden"))).size, 0);
  await assertFails(getMetadata(seen, folder.at("w/secret/s")), ...denied);
  await assertFails(readDirectory(seen, folder.at("w/secret")), ...denied);
  assert.equal(await seen.realpath(folder.at("w/out/f")), folder.at("r/f"));
  await assertFails(seen.realpath(folder.at("w/toSecret")), ...denied);
  await assertFails(readFile(seen, folder.at("r/p")), -32600, /is not a file$/);
  await assertFails(readFile(seen, "/dev/zero"), -32600, /is not a file$/);
});

Deno.test("a walk passes by what is hidden, and says so", async () => {
  using folder = makeFolder(tree);
  const { seen } = await scene(folder).usual();
  const { entries, errors } = await walk(seen, folder.at("w"), { followDirectorySymlinks: true });
  const names = entries.map(({ path }) => path.slice(folder.at("w/").length));
  assert.deepEqual(names, [
    ...[".git", "f", "hidden", "out", "ro", "secret", "sub", ".git/config", "out/f", "sub/deep"],
    "sub/deep/f",
  ]);
  assert.deepEqual(errors, [{ path: folder.at("w/secret"), message: denied[1] }]);
});

Deno.test("directories are made and removed where that is allowed, and places of the policy never", async () => {
  using folder = makeFolder(tree);
  const { changed } = await scene(folder).usual();
  const make = (name: string, options = {}) => createDirectory(changed, folder.at(name), options);
  const drop = (name: string, options = {}) => remove(changed, folder.at(name), options);
  for (const name of ["w/a/b", "r", "w/secret", "w/.codex"]) await make(name);
  await make("w/.codex", { followSymlinks: false });
  const alone = { recursive: false };
  for (const name of ["w/.codex", "r"]) {
    await assertFails(make(name, alone), -32603, "File exists (os error 17)");
  }
  for (const name of ["r/a", "r/a/b", "w/.codex/a", "w/out/a"]) await assertFails(make(name), ...readOnly);
  await assertFails(make("r/a", { followSymlinks: false }), ...readOnly);
  await assertFails(make("w/secret/a"), ...denied);
  await assertFails(make("w/missing"), -32603, "File exists (os error 17)");
  for (const name of ["w/a", "w/out", "w/toSecret", "r/none"]) await drop(name);
  for (const name of ["r/f", "w/.git", "w/.git/config", "w/sub"]) await assertFails(drop(name), ...readOnly);
  for (const name of ["w/hidden", "w/missing", "w/ro", "w/.codex"]) await assertFails(drop(name), ...busy);
  await assertFails(drop("w/secret", alone), ...busy);
  for (const name of ["w/secret", "w/secret/s"]) await assertFails(drop(name), ...denied);
  await assertFails(drop("r/f", { ...alone, followSymlinks: false }), ...readOnly);
  assert.deepEqual(readdirSync(folder.at("w")).sort(), [
    ...[".git", "dangling", "f", "hidden", "p", "ro", "secret", "sub", "toFile"],
  ]);
  assert.equal(readFileSync(folder.at("w/sub/deep/f"), "utf8"), "x");
});

Deno.test("copies read what may be read, and write where that is allowed", async () => {
  using folder = makeFolder(tree);
  const { changed } = await scene(folder).usual();
  const move = (from: string, to: string) =>
    copy(changed, folder.at(from), folder.at(to), { recursive: true });
  await move("r", "w/r");
  await move("w/sub", "w/other");
  await move("w/toSecret", "w/again");
  assert.equal(readFileSync(folder.at("w/r/f"), "utf8"), "r");
  assert.equal(readFileSync(folder.at("w/other/deep/f"), "utf8"), "x");
  for (
    const [from, to] of [["w/f", "r/n"], ["w/sub", "r/n"], ["w/f", "w/ro"], ["w/f", "w/hidden"]] as const
  ) {
    await assertFails(move(from, to), ...readOnly);
  }
  for (const from of ["w/secret", "w/secret/s", "w/hidden"]) await assertFails(move(from, "w/n"), ...denied);
  assert.deepEqual(readdirSync(folder.at("r")).sort(), ["f", "p"]);
});

Deno.test("files are renamed, and given modes, where they may be written to, and directories stay", async () => {
  using folder = makeFolder(tree);
  const { changed } = await scene(folder).usual();
  const rename = (from: string, to: string) => changed.rename(folder.at(from), folder.at(to));
  await rename("w/f", "w/sub/g");
  await rename("w/toSecret", "w/link");
  await rename("w/sub/g", "w/toFile");
  assert.equal(readFileSync(folder.at("w/toFile"), "utf8"), "hello");
  for (
    const [from, to] of [["w/toFile", "r/n"], ["r/f", "w/n"], ["w/toFile", "w/sub/deep/n"], [
      "w/toFile",
      "w/.git/n",
    ], [
      "w/.git/config",
      "w/n",
    ]]
  ) await assertFails(rename(from!, to!), ...readOnly);
  for (const [from, to] of [["w/secret/s", "w/n"], ["w/toFile", "w/secret/n"]]) {
    await assertFails(rename(from!, to!), ...denied);
  }
  for (
    const [from, to] of [["w/hidden", "w/n"], ["w/toFile", "w/ro"], ["w/toFile", "w/missing"], [
      "w/.codex",
      "w/n",
    ]]
  ) {
    await assertFails(rename(from!, to!), ...busy);
  }
  folder.sh("mkdir w/plain");
  await assertFails(rename("w/plain", "w/moved"), -32603, /\(os error 18\)/);
  // Something in it is the policy's.
  await assertFails(rename("w/sub", "w/moved"), ...busy);
  const chmod = (name: string) => changed.chmod(folder.at(name), 0o741);
  await chmod("w/toFile");
  assert.equal(statSync(folder.at("w/toFile")).mode & 0o777, 0o741);
  for (const name of ["r/f", "w/out/f", "w/ro", "w/.git", "w/.git/config", "w/sub/deep/f"]) {
    await assertFails(chmod(name), ...readOnly);
  }
  for (const name of ["w/secret/s", "w/link"]) await assertFails(chmod(name), ...denied);
  assert.equal(statSync(folder.at("r/f")).mode & 0o777, 0o644);
});

Deno.test("an archive has what may be read, and what it has goes where that may be written", async () => {
  using folder = makeFolder(tree);
  const { seen, changed } = await scene(folder).usual();
  await using files = new FileHandles(disk);
  const pack = async (name: string) => {
    await files.openBlocks("p", () => openPack(seen, folder.at(name), {}));
    const { bytes: packed } = await files.readBlock("p", 0, 1 << 20);
    await files.close("p");
    return packed;
  };
  const unpack = async (archive: Uint8Array, name: string) => {
    await files.openBlocks("u", () => openUnpack(changed, folder.at(name)));
    try {
      await files.writeBlock("u", 0, archive);
    } finally {
      await files.close("u");
    }
  };
  await assertFails(pack("w/secret"), ...denied);
  await assertFails(pack("w"), ...denied);
  const packed = await pack("w/out");
  assert.ok(textOf(packed).includes("f\0"));
  folder.sh("mkdir t; printf evil > t/f; ln -s ../../r t/way; tar cf links.tar -C t .");
  const archive = readFileSync(folder.at("links.tar"));
  await unpack(archive, "w/new");
  assert.equal(readFileSync(folder.at("w/new/f"), "utf8"), "evil");
  for (const name of ["r", "w/out", "w/.git", "w/sub/deep"]) {
    await assertFails(unpack(archive, name), ...readOnly);
  }
  await assertFails(unpack(archive, "w/secret"), ...denied);
  // By the link that the first one made.
  await assertFails(unpack(archive, "w/new/way"), ...readOnly);
  assert.equal(readFileSync(folder.at("r/f"), "utf8"), "r");
  assert.deepEqual(readdirSync(folder.at("r")).sort(), ["f", "p"]);
});

Deno.test("a stream goes on with what it was opened with, and a watch hears of what it may see", async () => {
  using folder = makeFolder(tree);
  const { seen, changed } = await scene(folder).usual();
  await using files = new FileHandles(disk);
  await assertFails(files.open("a", folder.at("w/secret/s"), "read", seen), ...denied);
  await assertFails(files.open("a", folder.at("w/out/f"), "replace", changed), ...readOnly);
  await files.open("a", folder.at("w/f"), "read", seen);
  assert.equal(textOf((await files.readBlock("a", 1, 3)).bytes), "ell");
  using watches = new FileWatches(disk);
  const heard = Promise.withResolvers<string>();
  const tell = ({ changes }: { changes: readonly { path: string }[] }) => heard.resolve(changes[0]!.path);
  await assertFails(watches.watch("s", folder.at("w/secret"), { disk: seen }, tell), ...denied);
  await watches.watch("w", folder.at("w"), { recursive: true, disk: seen }, tell);
  folder.sh("printf 1 > w/secret/new; printf 1 > w/sub/new");
  assert.equal(await heard.promise, folder.at("w/sub/new"));
});

Deno.test("below what is hidden only the way to what is open can be passed", async () => {
  using folder = makeFolder(tree);
  const { entry } = scene(folder);
  const { seen, changed } = await confine([root, entry("none", "w/secret"), entry("write", "w/secret/a/b")]);
  assert.deepEqual((await readDirectory(seen, folder.at("w/secret/a"))).map(({ name }) => name), ["b"]);
  assert.equal(textOf(await readFile(seen, folder.at("w/secret/a/b/c"))), "c");
  await writeFile(changed, folder.at("w/secret/a/b/new"), bytes);
  await assertFails(readDirectory(seen, folder.at("w/secret")), ...denied);
  await assertFails(readFile(seen, folder.at("w/secret/s")), ...missing);
  for (const name of ["w/secret/new", "w/secret/a/new"]) {
    await assertFails(writeFile(changed, folder.at(name), bytes), ...readOnly);
  }
});

Deno.test("without an entry for the root only what is listed is there, and the way to it", async () => {
  using folder = makeFolder(tree);
  const { entry } = scene(folder);
  const { seen, changed } = await confine([entry("read", "w")]);
  assert.deepEqual((await readDirectory(seen, folder.path)).map(({ name }) => name), ["w"]);
  assert.equal(textOf(await readFile(seen, folder.at("w/f"))), "hello");
  for (const path of [folder.at("r"), folder.at("w/out"), "/etc", "/proc/1"]) {
    await assertFails(getMetadata(seen, path), ...missing);
  }
  await assertFails(writeFile(changed, folder.at("new"), bytes), ...readOnly);
  assert.equal(readdirSync(folder.path).length, 2);
});

Deno.test("/proc leads past no policy, and tells of no process", async () => {
  using folder = makeFolder(tree);
  const { entry } = scene(folder);
  const write: PolicyEntry = { place: { kind: "root" }, access: "write" };
  const { seen, changed } = await confine([write, entry("none", "w/secret")]);
  folder.sh("ln -s /proc/self/root w/up; ln -s /proc/self/cwd w/cwd");
  for (const path of ["/proc/self/environ", "/proc/1/status", "/proc/self/fd/0", "/proc/thread-self"]) {
    await assertFails(readFile(seen, path), ...missing);
  }
  for (const way of ["/proc/self/root", folder.at("w/up")]) {
    await assertFails(readFile(seen, `${way}${folder.at("w/secret/s")}`), ...missing);
  }
  assert.ok((await readFile(seen, "/proc/version")).length > 0);
  for (const path of ["/proc/sys/kernel/core_pattern", "/sys/kernel/new"]) {
    await assertFails(writeFile(changed, path, bytes), ...readOnly);
  }
});

Deno.test("names that are not text, long ways and circles are answered as without a policy", async () => {
  using folder = makeFolder(`
    mkdir -p w; printf 1 > $'w/\\xff'; ln -s $'\\xff' w/link; ln -s loop w/loop
    ln -s ../w/../w/./sub/.. w/round; mkdir w/sub; printf 2 > w/sub/f
  `);
  const { entry } = scene(folder);
  const { seen, changed } = await confine([root, entry("write", "w"), entry("none", "none")]);
  assert.equal(textOf(await readFile(seen, folder.at("w/\udcff"))), "1");
  assert.equal(textOf(await readFile(seen, folder.at("w/link"))), "1");
  assert.equal(textOf(await readFile(seen, folder.at("w/round/sub/f"))), "2");
  await writeFile(changed, folder.at("w/\udcfe"), bytes);
  assert.equal(textOf(await readFile(disk, folder.at("w/\udcfe"))), "new");
  await assertFails(readFile(seen, folder.at("w/loop")), -32603, /\(os error 40\)$/);
  const long = "x".repeat(300);
  await assertFails(readFile(seen, folder.at(`w/${long}`)), -32603, "File name too long (os error 36)");
  const deep = Array.from({ length: 100 }, () => "d").join("/");
  await createDirectory(changed, folder.at(`w/${deep}`));
  await writeFile(changed, folder.at(`w/${deep}/f`), bytes);
  await remove(changed, folder.at("w/d"));
  assert.deepEqual(readdirSync(folder.at("w/sub")), ["f"]);
});

Deno.test("no descriptor stays open, whatever came of an operation", async () => {
  using folder = makeFolder(tree);
  const { seen, changed } = await scene(folder).usual();
  const open = () => readdirSync("/proc/self/fd").length;
  const everything = async () => {
    for (const name of ["w/f", "w/secret/s", "r/none", "w/out/f", "w/.codex", "w/f/x"]) {
      const path = folder.at(name);
      await readFile(seen, path).catch(() => {});
      await writeFile(changed, join(dirname(path), "new"), bytes).catch(() => {});
      await createDirectory(changed, path, { followSymlinks: false }).catch(() => {});
      await copy(changed, path, folder.at("w/sub"), { recursive: true }).catch(() => {});
    }
    await walk(seen, folder.path);
    await remove(changed, folder.at("w/sub")).catch(() => {});
  };
  await everything();
  const before = open();
  for (let times = 0; times < 5; times++) await everything();
  // What was only read is closed later.
  while (open() > before) await setImmediate();
});

Deno.test("what a stranger left in a folder of all is not followed", async () => {
  // Only root can leave something in the name of another.
  if (process.geteuid?.() !== 0) return;
  const shared = mkdtempSync(join(tmpdir(), "exec-server-test-"));
  using folder = makeFolder("printf r > r");
  try {
    folder.sh(`chmod 1777 ${shared}; ln -s ${folder.at("r")} ${shared}/l; chown -h 65534 ${shared}/l`);
    folder.sh(`printf 1 > ${shared}/f; chown 65534 ${shared}/f`);
    const { seen, changed } = await confine([root, {
      place: { kind: "path", path: shared },
      access: "write",
    }]);
    await assertFails(readFile(seen, `${shared}/l`), ...denied);
    await assertFails(writeFile(changed, `${shared}/f`, bytes), ...denied);
  } finally {
    await remove(disk, shared);
  }
});
