import { deepStrictEqual, strictEqual as is } from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { FileChange, FileWatcher } from "../../../src/machine/file_system.ts";
import { fails } from "../../support/expect.ts";
import type { MachineBehaviours } from "../machine_suite.ts";

/** Reads on to a change. */
async function until(watcher: FileWatcher, kind: FileChange["kind"], path: string): Promise<FileChange> {
  for (;;) {
    const { value, done } = await watcher.next();
    if (done) throw new Error(`The watch ended before "${kind}" of ${path}`);
    if (value.kind === kind && value.path === path) return value;
  }
}

/** Following what happens to files. */
export const watchBehaviours: MachineBehaviours = {
  "a watch tells what is made, changed and removed": async ({ machine: { fileSystem }, folder }) => {
    using watcher = await fileSystem.watch(folder);
    writeFileSync(`${folder}/a b`, "1");
    await until(watcher, "create", `${folder}/a b`);
    writeFileSync(`${folder}/a b`, "22");
    await until(watcher, "modify", `${folder}/a b`);
    rmSync(`${folder}/a b`);
    await until(watcher, "remove", `${folder}/a b`);
  },
  "a watch tells of a new name": async ({ machine: { fileSystem }, folder }) => {
    writeFileSync(`${folder}/old`, "1");
    using watcher = await fileSystem.watch(folder);
    renameSync(`${folder}/old`, `${folder}/new`);
    const change = await until(watcher, "rename", `${folder}/new`);
    deepStrictEqual(change, { kind: "rename", from: `${folder}/old`, path: `${folder}/new` });
  },
  "a watch goes below when that is asked": async ({ machine: { fileSystem }, folder }) => {
    mkdirSync(`${folder}/deep`);
    using watcher = await fileSystem.watch(folder, { recursive: true });
    writeFileSync(`${folder}/deep/file`, "1");
    await until(watcher, "create", `${folder}/deep/file`);
  },
  "a watch ends when what it watches is gone": async ({ machine: { fileSystem }, folder }) => {
    mkdirSync(`${folder}/deep`);
    const watcher = await fileSystem.watch(`${folder}/deep`);
    rmSync(`${folder}/deep`, { recursive: true });
    await until(watcher, "remove", `${folder}/deep`);
    is((await watcher.next()).done, true);
  },
  "a file is watched by itself, also when it goes and comes again": async (
    { machine: { fileSystem }, folder },
  ) => {
    writeFileSync(`${folder}/file`, "1");
    using watcher = await fileSystem.watch(`${folder}/file`);
    writeFileSync(`${folder}/other`, "1");
    rmSync(`${folder}/file`);
    is((await watcher.next()).value?.kind, "remove");
    writeFileSync(`${folder}/file`, "2");
    await until(watcher, "create", `${folder}/file`);
  },
  "a watch that is left is over": async ({ machine: { fileSystem }, folder }) => {
    for (let round = 0; round < 70; round++) {
      using watcher = await fileSystem.watch(folder);
      const next = watcher.next();
      watcher.return();
      is((await next).done, true);
    }
  },
  "what does not exist is not watched": async ({ machine: { fileSystem }, folder }) => {
    await fails(fileSystem.watch(`${folder}/none`), -32004);
  },
  "at most 64 watches are open": async ({ machine: { fileSystem }, folder }) => {
    const watchers: FileWatcher[] = [];
    while (watchers.length < 64) watchers.push(await fileSystem.watch(folder));
    await fails(fileSystem.watch(folder), -32600, /at most 64/);
    for (const watcher of watchers) watcher[Symbol.dispose]();
    using _another = await fileSystem.watch(folder);
  },
  "a missing path is waited for": async ({ machine: { fileSystem }, folder }) => {
    using watch = (await fileSystem.watchMissing([`${folder}/none/deeper`, `${folder}/other`]))!;
    mkdirSync(`${folder}/none`);
    await watch.changed;
  },
  "what is there already is not waited for": async ({ machine: { fileSystem }, folder }) => {
    is(await fileSystem.watchMissing([folder]), undefined);
    is(await fileSystem.watchMissing([]), undefined);
  },
  "a path that is there may be waited for, too, beside missing ones": async (
    { machine: { fileSystem }, folder },
  ) => {
    writeFileSync(`${folder}/file`, "1");
    using watch = (await fileSystem.watchMissing([`${folder}/none`], { present: `${folder}/file` }))!;
    writeFileSync(`${folder}/file`, "2");
    await watch.changed;
  },
  "another wait for missing paths ends the one before": async ({ machine: { fileSystem }, folder }) => {
    using first = (await fileSystem.watchMissing([`${folder}/one`]))!;
    using second = (await fileSystem.watchMissing([`${folder}/two`]))!;
    await first.changed;
    writeFileSync(`${folder}/two`, "");
    await second.changed;
  },
  "a wait for missing paths can be given up": async ({ machine: { fileSystem }, folder }) => {
    const given = (await fileSystem.watchMissing([`${folder}/one`]))!;
    given[Symbol.dispose]();
    await given.changed;
    using watch = (await fileSystem.watchMissing([`${folder}/two`]))!;
    given[Symbol.dispose]();
    writeFileSync(`${folder}/two`, "");
    await watch.changed;
  },
};
