import assert from "node:assert/strict";
import { join } from "node:path";
import {
  checkDirectoryAtOnce,
  checkDirectoryInTime,
  findProgramAtOnce,
  findProgramInTime,
} from "../../src/process/find_program.ts";

/** A folder with a program, a text file and a folder of a program's name, removed afterwards. */
function fixture(): Disposable & { folder: string } {
  const folder = Deno.makeTempDirSync();
  Deno.mkdirSync(join(folder, "bin"));
  Deno.mkdirSync(join(folder, "other"));
  Deno.mkdirSync(join(folder, "bin/folder"));
  Deno.writeTextFileSync(join(folder, "bin/tool"), "#!/bin/sh\n", { mode: 0o755 });
  Deno.writeTextFileSync(join(folder, "other/tool"), "#!/bin/sh\n", { mode: 0o755 });
  Deno.writeTextFileSync(join(folder, "bin/back\\slash"), "#!/bin/sh\n", { mode: 0o755 });
  Deno.writeTextFileSync(join(folder, "bin/text"), "not for running", { mode: 0o644 });
  return { folder, [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }) };
}

Deno.test("a bare name is looked for in the child's PATH, first folder first", () => {
  using f = fixture();
  const path = (...names: string[]) => ({ PATH: names.map((name) => join(f.folder, name)).join(":") });
  assert.equal(findProgramAtOnce("tool", "/", path("missing", "other", "bin")), join(f.folder, "other/tool"));
  assert.equal(findProgramAtOnce("tool", "/", path("bin", "other")), join(f.folder, "bin/tool"));
});

Deno.test("a folder of PATH may be relative to the child's directory, and an empty one is that directory", () => {
  using f = fixture();
  assert.equal(findProgramAtOnce("tool", f.folder, { PATH: "bin" }), join(f.folder, "bin/tool"));
  assert.equal(
    findProgramAtOnce("tool", join(f.folder, "bin"), { PATH: "/nowhere:" }),
    join(f.folder, "bin/tool"),
  );
});

Deno.test("without a PATH the system's default is used", () => {
  assert.match(findProgramAtOnce("sh", "/", {})!, /^\/(usr\/)?bin\/sh$/);
});

Deno.test("a name with a slash is a path from the child's directory", () => {
  using f = fixture();
  assert.equal(
    findProgramAtOnce("./tool", join(f.folder, "bin"), { PATH: "/bin" }),
    join(f.folder, "bin/tool"),
  );
  assert.equal(findProgramAtOnce("bin/tool", f.folder, {}), join(f.folder, "bin/tool"));
  assert.equal(findProgramAtOnce(join(f.folder, "bin/tool"), "/", {}), join(f.folder, "bin/tool"));
});

Deno.test("a backslash is part of a name where it parts no path", () => {
  using f = fixture();
  assert.equal(
    findProgramAtOnce("back\\slash", "/", { PATH: join(f.folder, "bin") }),
    join(f.folder, "bin/back\\slash"),
  );
});

Deno.test("a missing program is ENOENT, one that cannot be run EACCES", () => {
  using f = fixture();
  const env = { PATH: join(f.folder, "bin") };
  assert.throws(() => findProgramAtOnce("missing", "/", env), { code: "ENOENT" });
  assert.throws(() => findProgramAtOnce("./missing", f.folder, env), { code: "ENOENT" });
  assert.throws(() => findProgramAtOnce("text", "/", env), { code: "EACCES" });
  assert.throws(() => findProgramAtOnce("folder", "/", env), { code: "EACCES" });
  assert.throws(() => findProgramAtOnce("bin/text/tool", f.folder, env), { code: "ENOTDIR" });
});

Deno.test("a program that cannot be run does not hide one further on in PATH", () => {
  using f = fixture();
  Deno.writeTextFileSync(join(f.folder, "other/text"), "#!/bin/sh\n", { mode: 0o755 });
  const env = { PATH: `${f.folder}/bin:${f.folder}/other` };
  assert.equal(findProgramAtOnce("text", "/", env), join(f.folder, "other/text"));
});

Deno.test("a directory to start in must be there and be one", () => {
  using f = fixture();
  checkDirectoryAtOnce(f.folder);
  assert.throws(() => checkDirectoryAtOnce(join(f.folder, "missing")), { code: "ENOENT" });
  assert.throws(() => checkDirectoryAtOnce(join(f.folder, "bin/tool")), { code: "ENOTDIR" });
});

Deno.test("a search in its own time finds and refuses the same", async () => {
  using f = fixture();
  const env = { PATH: [...Array(500).keys(), "bin"].map((name) => join(f.folder, String(name))).join(":") };
  assert.equal(findProgramAtOnce("tool", "/", env), undefined, "so long a PATH takes its time");
  assert.equal(await findProgramInTime("tool", "/", env), join(f.folder, "bin/tool"));
  await assert.rejects(findProgramInTime("missing", "/", env), { code: "ENOENT" });
  await assert.rejects(findProgramInTime("text", "/", env), { code: "EACCES" });
  await assert.rejects(findProgramInTime("bin/text/tool", f.folder, env), { code: "ENOTDIR" });
  await checkDirectoryInTime(f.folder);
  await assert.rejects(checkDirectoryInTime(join(f.folder, "missing")), { code: "ENOENT" });
  await assert.rejects(checkDirectoryInTime(join(f.folder, "bin/text")), { code: "ENOTDIR" });
});

Deno.test("a folder that PATH names many times is looked into once", () => {
  assert.throws(() => findProgramAtOnce("missing", "/bin", { PATH: ":".repeat(100_000) }), {
    code: "ENOENT",
  });
});

Deno.test("a PATH that no program could be given is not looked through", () => {
  // Bytes count, of which a letter has up to three, and what is no text one.
  for (
    const [folder, count, code] of [["x", 50_000, "E2BIG"], ["\u8a9e", 27_000, "E2BIG"], [
      "\udcff",
      27_000,
      undefined,
    ]] as const
  ) {
    const find = () => findProgramAtOnce("sh", "/", { PATH: "/bin" + `:/${folder}`.repeat(count) });
    if (code) assert.throws(find, { code });
    else assert.match(find()!, /\/sh$/);
  }
});
