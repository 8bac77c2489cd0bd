import { strictEqual as is } from "node:assert/strict";
import { chmodSync, linkSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { runScript } from "../../support/backend_process.ts";
import { textOf } from "../../support/client.ts";
import { fails, pattern, sameBytes } from "../../support/expect.ts";
import type { MachineBehaviours } from "../machine_suite.ts";

/** Whole files. */
export const fileBehaviours: MachineBehaviours = {
  "a file is written and read back byte for byte": async ({ machine: { fileSystem }, folder }) => {
    const bytes = Uint8Array.from({ length: 512 }, (_, at) => at & 0xff);
    await fileSystem.writeFile(`${folder}/file`, bytes);
    sameBytes(readFileSync(`${folder}/file`), bytes);
    sameBytes(await fileSystem.readFile(`${folder}/file`), bytes);
  },
  "text is written as UTF-8": async ({ machine: { fileSystem }, folder }) => {
    await fileSystem.writeFile(`${folder}/file`, "grüße 🦕\n");
    is(readFileSync(`${folder}/file`, "utf8"), "grüße 🦕\n");
  },
  "an empty file is read as no bytes": async ({ machine: { fileSystem }, folder }) => {
    await fileSystem.writeFile(`${folder}/file`, "");
    is((await fileSystem.readFile(`${folder}/file`)).length, 0);
  },
  "writing replaces what a file held and keeps the file": async ({ machine: { fileSystem }, folder }) => {
    writeFileSync(`${folder}/file`, "something much longer");
    chmodSync(`${folder}/file`, 0o640);
    linkSync(`${folder}/file`, `${folder}/other`);
    await fileSystem.writeFile(`${folder}/file`, "short");
    is(readFileSync(`${folder}/other`, "utf8"), "short");
    is(statSync(`${folder}/file`).mode & 0o777, 0o640);
  },
  "a large file goes both ways whole": async ({ machine: { fileSystem }, folder }) => {
    const bytes = pattern(20_000_003);
    await fileSystem.writeFile(`${folder}/large`, bytes);
    sameBytes(readFileSync(`${folder}/large`), bytes);
    sameBytes(await fileSystem.readFile(`${folder}/large`), bytes);
  },
  "a file without a size is read to its end": async ({ machine: { fileSystem } }) => {
    is(/^Name:/.test(textOf(await fileSystem.readFile("/proc/self/status"))), true);
  },
  "a missing file is told by the code": async ({ machine: { fileSystem }, folder }) => {
    await fails(fileSystem.readFile(`${folder}/none`), -32004, /No such file or directory/);
    await fails(fileSystem.readFile(`${folder}/none`, { followSymlinks: false }), -32004);
  },
  "a file is not made where there is no directory": async ({ machine: { fileSystem }, folder }) => {
    await fails(fileSystem.writeFile(`${folder}/none/file`, "x"), -32004);
  },
  "a directory is neither read nor written as a file": async ({ machine: { fileSystem }, folder }) => {
    await fails(fileSystem.readFile(folder), -32600, /is not a file/);
    await fails(fileSystem.writeFile(folder, "x"), -32603);
  },
  "a path below a file is a failure of its own": async ({ machine: { fileSystem }, folder }) => {
    writeFileSync(`${folder}/file`, "x");
    await fails(fileSystem.readFile(`${folder}/file/below`), -32603, /Not a directory/);
  },
  "links are followed unless that is refused": async ({ machine: { fileSystem }, folder }) => {
    writeFileSync(`${folder}/file`, "content");
    symlinkSync("file", `${folder}/link`);
    is(textOf(await fileSystem.readFile(`${folder}/link`)), "content");
    await fails(fileSystem.readFile(`${folder}/link`, { followSymlinks: false }), -32603);
    await fails(fileSystem.writeFile(`${folder}/link`, "x", { followSymlinks: false }), -32603);
    is(readFileSync(`${folder}/file`, "utf8"), "content");
    await fileSystem.writeFile(`${folder}/link`, "new");
    is(readFileSync(`${folder}/file`, "utf8"), "new");
  },
  "names mean what they say": async ({ machine: { fileSystem }, folder }) => {
    for (const name of ["a b", "100%", "%41", "ä#?", 'it\'s "quoted"', "C:", "\\", "new\nline", "日本"]) {
      await fileSystem.writeFile(`${folder}/${name}`, name);
      is(readFileSync(`${folder}/${name}`, "utf8"), name);
      is(textOf(await fileSystem.readFile(`${folder}/${name}`)), name);
    }
  },
  "a name that is not text is reached by its URI": async ({ machine: { fileSystem, exec }, folder }) => {
    await runScript(exec, "printf bytes > \"$(printf '\\377')\"", { cwd: folder });
    is(textOf(await fileSystem.readFile(`file://${folder}/%FF`)), "bytes");
  },
  "dot segments go before any link is followed": async ({ machine: { fileSystem }, folder }) => {
    await fileSystem.createDirectory(`${folder}/deep/down`);
    symlinkSync(`${folder}/deep/down`, `${folder}/link`);
    await fileSystem.writeFile(`${folder}/link/.././file`, "x");
    is(readFileSync(`${folder}/file`, "utf8"), "x");
  },
  "a path that is not absolute is refused": async ({ machine: { fileSystem } }) => {
    for (const path of ["", "file", "./file", "~/file"]) {
      await fails(fileSystem.readFile(path), -32602, new RegExp(`"${path}" is not absolute`));
    }
  },
  "a path that cannot be is refused": async ({ machine: { fileSystem } }) => {
    await fails(fileSystem.readFile("/tmp/\0"), -32602);
    await fails(fileSystem.readFile("file://elsewhere/tmp"), -32600);
    await fails(fileSystem.readFile("file:///tmp?query"), -32602);
  },
};
