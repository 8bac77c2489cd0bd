import { deepStrictEqual, ok, strictEqual as is } from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { fails } from "../../support/expect.ts";
import type { MachineBehaviours } from "../machine_suite.ts";

/** A small tree: `top`, `.hidden/inside`, `b/deep/leaf`, `a/`, and a link to `b`. */
function plant(folder: string): void {
  mkdirSync(`${folder}/b/deep`, { recursive: true });
  mkdirSync(`${folder}/.hidden`);
  mkdirSync(`${folder}/a`);
  for (const file of ["top", ".hidden/inside", "b/deep/leaf"]) writeFileSync(`${folder}/${file}`, file);
  symlinkSync("b", `${folder}/link`);
}

/** Directories, and what is known of paths. */
export const directoryBehaviours: MachineBehaviours = {
  "a directory is made with its parents": async ({ machine: { fileSystem }, folder }) => {
    await fileSystem.createDirectory(`${folder}/a/b/c`);
    await fileSystem.createDirectory(`${folder}/a/b/c`);
    ok(statSync(`${folder}/a/b/c`).isDirectory());
  },
  "a directory is made alone when that is asked": async ({ machine: { fileSystem }, folder }) => {
    const alone = { recursive: false };
    await fails(fileSystem.createDirectory(`${folder}/a/b`, alone), -32004);
    await fileSystem.createDirectory(`${folder}/a`, alone);
    await fails(fileSystem.createDirectory(`${folder}/a`, alone), -32603, /File exists/);
  },
  "a directory is not made in the place of a file": async ({ machine: { fileSystem }, folder }) => {
    writeFileSync(`${folder}/file`, "");
    await fails(fileSystem.createDirectory(`${folder}/file`), -32603);
  },
  "a file's metadata is what it is": async ({ machine: { fileSystem }, folder }) => {
    writeFileSync(`${folder}/file`, "12345");
    utimesSync(`${folder}/file`, 1_000_000, 1_234_567.891);
    const { isFile, isDirectory, isSymlink, size, modifiedAtMs } = await fileSystem.metadata(
      `${folder}/file`,
    );
    deepStrictEqual([isFile, isDirectory, isSymlink, size], [true, false, false, 5]);
    is(modifiedAtMs, 1_234_567_891);
  },
  "metadata tells a directory, a link and what it leads to": async ({ machine: { fileSystem }, folder }) => {
    plant(folder);
    const kinds = async (path: string) => {
      const { isFile, isDirectory, isSymlink } = await fileSystem.metadata(path);
      return [isFile, isDirectory, isSymlink];
    };
    deepStrictEqual(await kinds(folder), [false, true, false]);
    deepStrictEqual(await kinds(`${folder}/link`), [false, true, true]);
    deepStrictEqual(await kinds("/dev/null"), [false, false, false]);
  },
  "metadata of nothing is told by the code": async ({ machine: { fileSystem }, folder }) => {
    symlinkSync("nowhere", `${folder}/dangling`);
    await fails(fileSystem.metadata(`${folder}/none`), -32004);
    await fails(fileSystem.metadata(`${folder}/dangling`), -32004);
    await fails(fileSystem.metadata(`${folder}/dangling`, { followSymlinks: false }), -32600);
  },
  "a canonical path has no links": async ({ machine: { fileSystem }, folder }) => {
    plant(folder);
    is(await fileSystem.canonicalize(`${folder}/link/deep/`), `${folder}/b/deep`);
    await fails(fileSystem.canonicalize(`${folder}/none`), -32004);
  },
  "a canonical path is a path, not a URI": async ({ machine: { fileSystem }, folder }) => {
    writeFileSync(`${folder}/a b%41ä`, "");
    is(await fileSystem.canonicalize(`${folder}/a b%41ä`), `${folder}/a b%41ä`);
  },
  "a directory is listed, links followed": async ({ machine: { fileSystem }, folder }) => {
    plant(folder);
    symlinkSync("nowhere", `${folder}/dangling`);
    const entries = await fileSystem.readDirectory(folder);
    const lines = entries.map(({ name, isDirectory, isFile }) => `${name} ${isDirectory} ${isFile}`);
    deepStrictEqual(lines.sort(), [
      ".hidden true false",
      "a true false",
      "b true false",
      "link true false",
      "top false true",
    ]);
  },
  "what is no directory is not listed": async ({ machine: { fileSystem }, folder }) => {
    plant(folder);
    await fails(fileSystem.readDirectory(`${folder}/top`), -32603);
    await fails(fileSystem.readDirectory(`${folder}/none`), -32004);
  },
  "a walk goes breadth first and by name": async ({ machine: { fileSystem }, folder }) => {
    plant(folder);
    const { entries, errors, truncated } = await fileSystem.walk(folder);
    deepStrictEqual(entries.map(({ path, kind }) => `${kind} ${path.slice(folder.length + 1)}`), [
      "directory .hidden",
      "directory a",
      "directory b",
      "file top",
      "file .hidden/inside",
      "directory b/deep",
      "file b/deep/leaf",
    ]);
    deepStrictEqual([errors, truncated], [[], false]);
  },
  "a walk goes as far as it is told": async ({ machine: { fileSystem }, folder }) => {
    plant(folder);
    const names = async (options: Parameters<typeof fileSystem.walk>[1]) => {
      const { entries, truncated } = await fileSystem.walk(folder, options);
      return [...entries.map(({ path }) => path.slice(folder.length + 1)), truncated].join();
    };
    is(await names({ maxDepth: 0 }), ".hidden,a,b,top,false");
    is(await names({ maxDepth: 0, followDirectorySymlinks: true }), ".hidden,a,b,link,top,false");
    is(await names({ pruneHiddenDirectories: true }), ".hidden,a,b,top,b/deep,b/deep/leaf,false");
    is(await names({ maxEntries: 2 }), ".hidden,a,true");
    is(await names({ maxDirectories: 1 }), ".hidden,a,b,top,true");
  },
  "a walk takes no limit that is none": async ({ machine: { fileSystem }, folder }) => {
    await fails(fileSystem.walk(folder, { maxEntries: 0 }), -32600);
    await fails(fileSystem.walk(folder, { maxDepth: 65 }), -32600);
    await fails(fileSystem.walk(folder, { maxDepth: -1 }), -32602);
    await fails(fileSystem.walk(`${folder}/none`), -32004);
  },
  "a tree is removed with all it holds": async ({ machine: { fileSystem }, folder }) => {
    plant(folder);
    await fileSystem.remove(`${folder}/b`, { recursive: true });
    ok(!existsSync(`${folder}/b`));
  },
  "a link is removed, not what it leads to": async ({ machine: { fileSystem }, folder }) => {
    plant(folder);
    await fileSystem.remove(`${folder}/link`);
    ok(!existsSync(`${folder}/link`) && existsSync(`${folder}/b/deep/leaf`));
  },
  "what does not exist counts as removed, unless it may not": async ({ machine: { fileSystem }, folder }) => {
    await fileSystem.remove(`${folder}/none`);
    await fails(fileSystem.remove(`${folder}/none`, { force: false }), -32004);
  },
  "a full directory is not removed alone": async ({ machine: { fileSystem }, folder }) => {
    plant(folder);
    await fails(fileSystem.remove(`${folder}/b`, { recursive: false }), -32603, /not empty/);
    await fileSystem.remove(`${folder}/a`, { recursive: false });
    ok(existsSync(`${folder}/b/deep/leaf`) && !existsSync(`${folder}/a`));
  },
  "a file is copied with its mode": async ({ machine: { fileSystem }, folder }) => {
    writeFileSync(`${folder}/from`, "content");
    chmodSync(`${folder}/from`, 0o750);
    await fileSystem.copy(`${folder}/from`, `${folder}/to`);
    is(readFileSync(`${folder}/to`, "utf8"), "content");
    is(statSync(`${folder}/to`).mode & 0o777, 0o750);
  },
  "a directory is copied when that is asked": async ({ machine: { fileSystem }, folder }) => {
    mkdirSync(`${folder}/tree`);
    plant(`${folder}/tree`);
    await fails(fileSystem.copy(`${folder}/tree`, `${folder}/copy`), -32600, /recursive/);
    await fileSystem.copy(`${folder}/tree`, `${folder}/copy`, { recursive: true });
    is(readFileSync(`${folder}/copy/b/deep/leaf`, "utf8"), "b/deep/leaf");
    is(readlinkSync(`${folder}/copy/link`), "b");
  },
  "a directory is not copied into itself": async ({ machine: { fileSystem }, folder }) => {
    plant(folder);
    await fails(fileSystem.copy(`${folder}/b`, `${folder}/b/deep/copy`, { recursive: true }), -32600);
    await fails(fileSystem.copy(`${folder}/none`, `${folder}/copy`), -32004);
  },
  "a file copied onto itself stays as it is": async ({ machine: { fileSystem }, folder }) => {
    writeFileSync(`${folder}/file`, "content");
    await fileSystem.copy(`${folder}/file`, `${folder}/file`);
    is(readFileSync(`${folder}/file`, "utf8"), "content");
  },
};
