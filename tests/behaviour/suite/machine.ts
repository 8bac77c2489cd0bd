import { match, ok, strictEqual as is } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { OutputText, runScript, startScript } from "../../support/backend_process.ts";
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
  "it tells how much of it is in use, and by which processes": async ({ machine }) => {
    const script = "sleep 600 & sleep 600 & echo ready; while :; do :; done";
    const process = await startScript(machine.exec, script);
    using output = new OutputText(process);
    await output.until(/ready/);
    const first = await machine.usage();
    ok(first.cpu.cores >= 1 && first.cpu.busy > 0 && first.cpu.busy <= 1, JSON.stringify(first.cpu));
    ok(
      first.memory.available > 0 && first.memory.total > first.memory.available,
      JSON.stringify(first.memory),
    );
    is(first.load.length, 3);
    ok(first.disks.some(({ path, total }) => path === "/" && total! > 0), JSON.stringify(first.disks));
    for (let usage = first;; usage = await machine.usage()) {
      const found = usage.processes!.find(({ pids }) => pids === 3)!;
      ok(found.rssBytes > 0, JSON.stringify(usage.processes));
      if (found.cpuMs > 0 && usage.cpu.busyMs > first.cpu.busyMs && usage.uptimeMs > first.uptimeMs) break;
    }
    await process.terminate();
    for await (const _ of process.events());
    ok(!(await machine.usage()).processes!.some(({ pids }) => pids === 3));
  },
  "many calls at once are all answered": async ({ machine: { fileSystem }, folder }) => {
    const names = Array.from({ length: 3_000 }, (_, at) => `${folder}/${at}`);
    await Promise.all(names.slice(0, 1_000).map((name) => fileSystem.writeFile(name, name)));
    const read = await Promise.allSettled(names.map((name) => fileSystem.metadata(name)));
    is(read.filter(({ status }) => status === "fulfilled").length, 1_000);
    is(readFileSync(names[999]!, "utf8"), names[999]);
  },
};
