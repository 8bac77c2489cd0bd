import { deepStrictEqual as same, match, ok, rejects, strictEqual as is } from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { fails } from "../../support/expect.ts";
import type { MachineBehaviours } from "../machine_suite.ts";

const modeOf = (path: string) => statSync(path).mode & 0o7777;

/** What people do with files. */
export const peopleFileBehaviours: MachineBehaviours = {
  "a text is written with the directories above it, and read": async ({ machine: { files }, folder }) => {
    await files.writeText(`${folder}/a/b/file`, "grüße\n");
    is(await files.readText(`${folder}/a/b/file`), "grüße\n");
    await fails(files.writeText(`${folder}/none/file`, "x", { parents: false }), "ENOENT");
    await rejects(files.writeText(`${folder}/x`, 7 as unknown as string), { name: "TypeError" });
    await rejects(files.writeText(`${folder}/x`, "", { parent: true } as object), /did you mean parents\?/);
  },
  "a file has the mode it is given": async ({ machine: { files }, folder }) => {
    await files.writeText(`${folder}/secret`, "x", { mode: 0o600 });
    is(modeOf(`${folder}/secret`), 0o600);
    await files.writeFile(`${folder}/secret`, "y", { mode: 0o777 });
    is(modeOf(`${folder}/secret`), 0o777);
    await files.chmod(`${folder}/secret`, 0o640);
    is((await files.stat(`${folder}/secret`)).mode, 0o640);
    await fails(files.chmod(`${folder}/none`, 0o600), "ENOENT");
    await rejects(files.chmod(`${folder}/secret`, "600" as unknown as number), { name: "TypeError" });
  },
  "what is there exists": async ({ machine: { files }, folder }) => {
    writeFileSync(`${folder}/file`, "");
    symlinkSync("none", `${folder}/dangling`);
    const names = ["", "/file", "/none", "/dangling", "/file/below"];
    same(await Promise.all(names.map((name) => files.exists(folder + name))), [
      true,
      true,
      false,
      false,
      false,
    ]);
  },
  "a file gets another name": async ({ machine: { files }, folder }) => {
    writeFileSync(`${folder}/one`, "1");
    writeFileSync(`${folder}/two`, "2");
    await files.rename(`${folder}/one`, `${folder}/two`);
    is(readFileSync(`${folder}/two`, "utf8"), "1");
    is(await files.exists(`${folder}/one`), false);
    await fails(files.rename(`${folder}/one`, `${folder}/three`), "ENOENT");
  },
  "a full directory is removed only when that is asked": async ({ machine: { files }, folder }) => {
    mkdirSync(`${folder}/full/inside`, { recursive: true });
    await fails(files.remove(`${folder}/full`), "ENOTEMPTY");
    await files.remove(`${folder}/full/inside`);
    mkdirSync(`${folder}/full/inside`);
    await files.remove(`${folder}/full`, { recursive: true });
    is(await files.exists(`${folder}/full`), false);
  },
  "a pattern finds names": async ({ machine: { files }, folder }) => {
    for (const name of ["a.ts", "b.js", "deep/c.ts", "deep/er/d.ts", ".hidden/e.ts"]) {
      await files.writeText(`${folder}/${name}`, "");
    }
    const found = async (pattern: string) =>
      (await files.glob(pattern, { cwd: folder })).map((path) => path.slice(folder.length + 1));
    same(await found("*.ts"), ["a.ts"]);
    same(await found("**/*.ts"), [".hidden/e.ts", "a.ts", "deep/c.ts", "deep/er/d.ts"]);
    same(await found("*.{ts,js}"), ["a.ts", "b.js"]);
    same(await found("deep/*"), ["deep/c.ts", "deep/er"]);
    same(await found("deep/[a-c].ts"), ["deep/c.ts"]);
    same(await found("none/*"), []);
    same(await files.glob(`${folder}/a.?s`), [`${folder}/a.ts`]);
  },
  "an error tells what went wrong by its class and its code": async ({ machine: { files }, folder }) => {
    const told = await files.readText(`${folder}/none`).catch((error) => error);
    same([told.name, told.code, told.rpcCode], ["NotFoundError", "ENOENT", -32004]);
    is(told.cause.code, -32004);
    mkdirSync(`${folder}/directory`);
    await fails(files.createDirectory(`${folder}/directory`, { recursive: false }), "EEXIST");
    match((await files.readText("relative").catch((error) => error)).message, /not absolute/);
    await fails(files.readText("relative"), "EINVAL");
    ok(told instanceof Error);
  },
};
