import { match, ok, strictEqual as is } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { runScript } from "../../support/backend_process.ts";
import { textOf } from "../../support/client.ts";
import type { MachineBehaviours } from "../machine_suite.ts";

/** A machine as a whole. */
export const machineBehaviours: MachineBehaviours = {
  "it says what it is": async ({ machine: { info, fileSystem } }) => {
    is(info.os, "linux");
    match(info.shell.path, new RegExp(`^/.*${info.shell.name}$`));
    for (const path of [info.workingDirectory!, info.homeDirectory!, info.temporaryDirectory!]) {
      match(path, /^\//);
      ok((await fileSystem.metadata(path)).isDirectory, path);
    }
    match(info.version, /^\d+\.\d+\.\d+/);
  },
  "its processes and its files are of one machine": async ({ machine: { exec, fileSystem }, folder }) => {
    await runScript(exec, "printf made > file", { cwd: folder });
    is(textOf(await fileSystem.readFile(`${folder}/file`)), "made");
    await fileSystem.writeFile(`${folder}/other`, "written");
    is((await runScript(exec, "cat other", { cwd: folder })).text, "written");
  },
  "a process starts where the machine says": async ({ machine: { exec, info } }) => {
    const { text } = await runScript(exec, "pwd -P", { cwd: undefined });
    is(text, `${info.workingDirectory}\n`);
  },
  "many calls at once are all answered": async ({ machine: { fileSystem }, folder }) => {
    const names = Array.from({ length: 3_000 }, (_, at) => `${folder}/${at}`);
    await Promise.all(names.slice(0, 1_000).map((name) => fileSystem.writeFile(name, name)));
    const read = await Promise.allSettled(names.map((name) => fileSystem.metadata(name)));
    is(read.filter(({ status }) => status === "fulfilled").length, 1_000);
    is(readFileSync(names[999]!, "utf8"), names[999]);
  },
};
