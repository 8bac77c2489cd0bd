/** What a checkout is by itself: its names, and what can be done with it. */
import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { root } from "../../scripts/places.ts";
import { version } from "../../src/version.ts";
import { TempFolder } from "../support/temp_folder.ts";

const readJson = (path: string) => JSON.parse(Deno.readTextFileSync(join(root, path)));

Deno.test("every file that has the version has the same", () => {
  for (const path of ["package.json", "package-lock.json", "deno.json"]) {
    equal(readJson(path).version, version, path);
  }
});

Deno.test("no lock file says where packages come from", () => {
  for (const path of ["package-lock.json", "tests/package-lock.json"]) {
    const packages: Record<string, { resolved?: string }> = readJson(path).packages;
    deepEqual(Object.keys(packages).filter((name) => packages[name]!.resolved !== undefined), [], path);
  }
});

Deno.test("the lock file names every platform's package, as npm 11 asks for", () => {
  const { packages } = readJson("package-lock.json");
  const optional = Object.values(
    packages as Record<string, { optionalDependencies?: Record<string, string> }>,
  )
    .flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}));
  equal(optional.length > 10, true);
  deepEqual(optional.filter((name) => packages[`node_modules/${name}`] === undefined), []);
});

Deno.test("deno install -g makes the command from a checkout", async () => {
  await using folder = new TempFolder();
  const install = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--global", "--allow-all", "--name", "exec-server", "main.ts"],
    cwd: root,
    env: { DENO_INSTALL_ROOT: folder.path },
  }).output();
  equal(install.success, true, new TextDecoder().decode(install.stderr));
  const { stdout } = await new Deno.Command(join(folder.path, "bin/exec-server"), {
    args: ["run", "--", "echo", "installed"],
    cwd: folder.path,
  }).output();
  equal(new TextDecoder().decode(stdout), "installed\n");
});

Deno.test("the notices name the runtimes and every package that is bundled", () => {
  const text = Deno.readTextFileSync(join(root, "THIRD-PARTY-NOTICES"));
  for (const name of [...Object.keys(readJson("package.json").dependencies), "bun", "deno"]) {
    match(text, new RegExp(`^${name} \\d`, "m"));
  }
});
