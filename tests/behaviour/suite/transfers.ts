import { deepStrictEqual as same, match, ok, rejects, strictEqual as is } from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { fails, pattern, sameBytes } from "../../support/expect.ts";
import type { MachineBehaviours } from "../machine_suite.ts";

const time = new Date("2001-02-03T04:05:06.789Z");

/** A tree with whatever a tree can have. */
function makeTree(folder: string): void {
  mkdirSync(`${folder}/deep/er`, { recursive: true });
  for (let at = 0; at < 100; at++) writeFileSync(`${folder}/deep/${at}`, `file ${at}`);
  writeFileSync(`${folder}/empty`, "");
  writeFileSync(`${folder}/large`, pattern(1_500_003));
  writeFileSync(`${folder}/${"long".repeat(63)}`, pattern(300_000));
  writeFileSync(`${folder}/tool`, "#!/bin/sh\n");
  chmodSync(`${folder}/tool`, 0o755);
  chmodSync(`${folder}/deep/7`, 0o400);
  for (const name of ["a b", "ä#?%41", "new\nline", "n".repeat(200)]) {
    writeFileSync(`${folder}/${name}`, name);
  }
  symlinkSync("../tool", `${folder}/deep/link`);
  symlinkSync("/nowhere/at/all", `${folder}/dangling`);
  mkdirSync(`${folder}/shut`);
  writeFileSync(`${folder}/shut/file`, "inside");
  chmodSync(`${folder}/shut`, 0o555);
  for (const name of ["tool", "deep/er", "deep", "shut"]) utimesSync(`${folder}/${name}`, time, time);
}

/** What a tree is, in words. */
function describe(folder: string, below = ""): string[] {
  return readdirSync(folder + below).sort().flatMap((name) => {
    const path = `${folder}${below}/${name}`;
    const stats = lstatSync(path);
    if (stats.isSymbolicLink()) return [`${below}/${name} -> ${readlinkSync(path)}`];
    const line = `${below}/${name} ${stats.mode & 0o7777} ${Math.floor(stats.mtimeMs)}`;
    if (stats.isDirectory()) return [line, ...describe(folder, `${below}/${name}`)];
    return [
      `${line} ${readFileSync(path).length} ${
        readFileSync(path).reduce((sum, byte) => (sum * 31 + byte) % 1e9, 7)
      }`,
    ];
  });
}

/** Trees that go from machine to machine. */
export const transferBehaviours: MachineBehaviours = {
  "a tree goes there and back with modes, times and links": async ({ machine: { files }, folder }) => {
    makeTree(`${folder}/one`);
    const before = describe(`${folder}/one`);
    await files.upload(`${folder}/one`, `${folder}/there/two`);
    same(describe(`${folder}/there/two`), before);
    await files.download(`${folder}/there/two`, `${folder}/three`);
    same(describe(`${folder}/three`), before);
    // Over what is there already: the same again.
    writeFileSync(`${folder}/three/tool`, "something longer than before");
    await files.download(`${folder}/there/two`, `${folder}/three`);
    same(describe(`${folder}/three`), before);
  },
  "one file goes by itself": async ({ machine: { files }, folder }) => {
    writeFileSync(`${folder}/one`, pattern(700_001));
    chmodSync(`${folder}/one`, 0o711);
    await files.upload(`${folder}/one`, `${folder}/a/two`);
    await files.download(`${folder}/a/two`, `${folder}/b/three`);
    sameBytes(readFileSync(`${folder}/b/three`), pattern(700_001));
    is(statSync(`${folder}/b/three`).mode & 0o777, 0o711);
    await fails(files.upload(`${folder}/none`, `${folder}/x`), "ENOENT");
    await fails(files.download(`${folder}/none`, `${folder}/x`), "ENOENT");
  },
  "what is excluded stays": async ({ machine: { files }, folder }) => {
    for (
      const name of ["keep", "a.log", "sub/b.log", "sub/keep", "node_modules/x", "build/out/y", "build/z"]
    ) {
      await files.writeText(`${folder}/from/${name}`, name);
    }
    await files.upload(`${folder}/from`, `${folder}/to`, { exclude: ["*.log", "node_modules", "build/out"] });
    const names = describe(`${folder}/to`).map((line) => line.split(" ")[0]);
    same(names, ["/build", "/build/z", "/keep", "/sub", "/sub/keep"]);
    await rejects(files.upload("/a", "/b", { ignore: ["x"] } as object), /did you mean exclude\?/);
  },
  "a transfer tells how far it is, and ends when that is wanted": async ({ machine: { files }, folder }) => {
    makeTree(`${folder}/one`);
    const told: number[][] = [];
    await files.upload(`${folder}/one`, `${folder}/two`, {
      onProgress: ({ files, bytes, totalFiles, totalBytes }) =>
        told.push([files, bytes, totalFiles, totalBytes]),
    });
    const [count, bytes, totalFiles, totalBytes] = told.at(-1)!;
    same([count, bytes], [totalFiles, totalBytes]);
    is(totalFiles, 109);
    const controller = new AbortController();
    const reason = new Error("enough");
    const broken = files.download(`${folder}/one`, `${folder}/three`, {
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    await rejects(broken, reason);
  },
  "a transfer goes on from where it was broken off": async ({ machine: { files }, folder }) => {
    mkdirSync(`${folder}/one`);
    const bytes = pattern(5_000_000);
    writeFileSync(`${folder}/one/large`, bytes);
    writeFileSync(`${folder}/one/same`, "same");
    utimesSync(`${folder}/one/large`, time, time);
    const controller = new AbortController();
    await rejects(files.upload(`${folder}/one`, `${folder}/two`, {
      signal: controller.signal,
      onProgress: ({ bytes }) => bytes > 2_500_000 && controller.abort(),
    }));
    is(existsSync(`${folder}/two/large`), false);
    const part = readdirSync(`${folder}/two`).find((name) => name.endsWith(".exec-server-part"))!;
    const had = statSync(`${folder}/two/${part}`).size;
    ok(had > 0 && had < bytes.length, `${had}`);
    let least = Infinity;
    await files.upload(`${folder}/one`, `${folder}/two`, {
      resume: true,
      onProgress: ({ bytes }) => least = Math.min(least, bytes || Infinity),
    });
    sameBytes(readFileSync(`${folder}/two/large`), bytes);
    same(readdirSync(`${folder}/two`).sort(), ["large", "same"]);
    ok(least >= had, `${least} before ${had}`);
  },
  "nothing goes through a link that is in the way": async ({ machine: { files }, folder }) => {
    mkdirSync(`${folder}/one/sub`, { recursive: true });
    writeFileSync(`${folder}/one/sub/file`, "new");
    writeFileSync(`${folder}/one/link`, "new");
    mkdirSync(`${folder}/two`);
    mkdirSync(`${folder}/elsewhere`);
    writeFileSync(`${folder}/elsewhere/file`, "old");
    symlinkSync("../elsewhere/file", `${folder}/two/link`);
    symlinkSync("../elsewhere", `${folder}/two/sub`);
    await rejects(
      files.upload(`${folder}/one`, `${folder}/two`),
      /is no directory, and is not written through/,
    );
    is(readFileSync(`${folder}/elsewhere/file`, "utf8"), "old");
  },
  "an archive that names what is outside is refused": async ({ machine: { files }, folder }) => {
    mkdirSync(`${folder}/one`);
    writeFileSync(`${folder}/one/fil`, "x");
    const bytes = new Uint8Array(
      await new Response(files.pack(`${folder}/one`) as ReadableStream<Uint8Array<ArrayBuffer>>)
        .arrayBuffer(),
    );
    const at = new TextDecoder("latin1").decode(bytes).lastIndexOf("./fil");
    const archive = bytes.slice();
    // "./fil" becomes "../fi", of another sum.
    archive.set(new TextEncoder().encode("../fi"), at);
    const sum = new TextEncoder().encode("./fil").reduce((a, b) => a - b, 0) +
      new TextEncoder().encode("../fi").reduce((a, b) => a + b, 0);
    const old = parseInt(new TextDecoder().decode(bytes.slice(at + 148, at + 154)), 8);
    archive.set(new TextEncoder().encode((old + sum).toString(8).padStart(6, "0")), at + 148);
    const unpack = (bytes: Uint8Array) =>
      files.unpack(
        `${folder}/two`,
        (async function* () {
          yield bytes;
        })(),
      );
    await fails(unpack(archive), "EINVAL", /outside/);
    await fails(unpack(bytes.slice(0, 600)), "EINVAL");
    await fails(unpack(new Uint8Array(2_000).fill(7)), "EINVAL", /no tar archive/);
    is(existsSync(`${folder}/fi`), false);
    await unpack(bytes);
    is(readFileSync(`${folder}/two/fil`, "utf8"), "x");
  },
  "an archive is one that tar reads, and tar's are read": async ({ machine, folder }) => {
    makeTree(`${folder}/one`);
    const { files } = machine;
    await files.pack(`${folder}/one`).pipeTo(files.writeStream(`${folder}/one.tar`));
    mkdirSync(`${folder}/two`);
    await machine.run("tar -xpf one.tar -C two", { cwd: folder, throwOnError: true });
    same(describe(`${folder}/two`), describe(`${folder}/one`));
    await machine.run("tar -cf two.tar -C one .", { cwd: folder, throwOnError: true });
    await files.unpack(`${folder}/three`, files.readStream(`${folder}/two.tar`));
    const seconds = (lines: string[]) => lines.map((line) => line.replace(/ (\d{9,})\d{3}/, " $1"));
    same(seconds(describe(`${folder}/three`)), seconds(describe(`${folder}/one`)));
    match(describe(`${folder}/three`).join(), /dangling -> \/nowhere/);
  },
};
