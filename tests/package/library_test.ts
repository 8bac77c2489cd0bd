import assert from "node:assert/strict";
import { join } from "node:path";
import { pack } from "../../scripts/npm/pack.ts";
import { bun, root, testModules } from "../../scripts/places.ts";
import { serverCommand, startServer } from "../support/server_process.ts";
import { Project, run, runtimes } from "./installed.ts";

Deno.test("the installed package", async (test) => {
  await using project = await Project.library();

  await test.step("holds what it needs and no more", async () => {
    const folder = join(project.path, "node_modules/exec-server");
    const description = JSON.parse(await Deno.readTextFile(join(folder, "package.json")));
    const files = (await run("find", [".", "-type", "f"], { cwd: folder })).trim().split("\n");
    // Names in a registry that may be anybody's.
    assert.equal(description.optionalDependencies, undefined);
    const code = files.filter((file) => file.endsWith(".js"))
      .map((file) => Deno.readTextFileSync(join(folder, file))).join("\n");
    // That nothing is missing shows when it is run.
    for (const name of Object.keys(description.dependencies)) {
      assert.match(code, new RegExp(`(from |import\\()"${name}["/]`), `Nothing imports "${name}"`);
    }
    const others = files.filter((file) => !/^\.\/(lib\/.*\.(js|d\.ts)|bin\/exec-server\.js)$/.test(file));
    assert.deepEqual(others.sort(), ["./LICENSE", "./README.md", "./THIRD-PARTY-NOTICES", "./package.json"]);
  });

  await test.step("has entries and types that every kind of resolution finds, and no flaw that publint knows", async () => {
    const folder = join(project.path, "node_modules/exec-server");
    const tarball = await pack(folder, project.path);
    const attw = join(testModules, "@arethetypeswrong/cli/dist/index.js");
    // Older ways to resolve, and CommonJS, are for packages that are older than import.
    await run("node", [attw, tarball, "--profile", "esm-only"], { cwd: project.path });
    await run("node", [join(testModules, "publint/src/cli.js"), "run", folder, "--strict"], {
      cwd: project.path,
    });
    await Deno.remove(tarball);
  });

  for (const platform of ["node", "browser"]) {
    await test.step(`costs next to nothing where it is imported and not used, bundled for ${platform}`, async () => {
      await project.write("unused.mjs", 'import { connect } from "exec-server";\n');
      const bundle = await run(bun, ["build", `--target=${platform}`, "unused.mjs"], { cwd: project.path });
      assert.ok(bundle.length < 2_000, bundle.slice(0, 2_000));
    });
  }

  await Deno.copyFile(join(root, "tests/package/consumer.ts"), join(project.path, "consumer.ts"));
  await project.write("readme_example.ts", await readmeExample());
  for (const [name, { files, ...compilerOptions }] of Object.entries(compilerSettings)) {
    await test.step(`has types that hold what a strict program expects, with ${name}`, async () => {
      const config = { compilerOptions: { ...strict, ...compilerOptions }, files };
      await project.write("tsconfig.json", JSON.stringify(config));
      await run("node", [join(testModules, "typescript/bin/tsc"), "-p", "."], { cwd: project.path });
    });
  }
  await Deno.remove(join(project.path, "tsconfig.json"));

  await using server = await startServer();
  await Deno.copyFile(join(root, "tests/package/exercise.mjs"), join(project.path, "exercise.mjs"));
  await project.write("readme_example.mjs", await readmeExample());
  const driver = await bundleBehaviours(project);
  for (const [name, [program, ...args]] of Object.entries(await runtimes())) {
    const ignore = program === undefined;
    await test.step({
      name: `works on ${name}, with and without a server`,
      ignore,
      fn: async () => {
        const command = [...args, "exercise.mjs", server.url, ...serverCommand()];
        assert.match(await run(program!, command, { cwd: project.path }), /all is well\n$/);
      },
    });
    // The other runtimes have their own tests of all behaviours, and a later Node lacks less.
    const targets = name === "node" ? [[], [server.url]] : [];
    for (const target of targets) {
      await test.step(`shows all behaviours on ${name}, ${target[0] ? "of a server" : "of this machine"}`, async () => {
        const text = await run(program!, [...args, driver, ...target], { cwd: project.path });
        assert.ok(Number(/^(\d+) shown\n$/.exec(text)?.[1]) >= 60, text);
      });
    }
    await test.step({
      name: `does on ${name} what the README says`,
      ignore,
      fn: async () => {
        const env = { EXEC_SERVER_URL: server.url };
        const text = await run(program!, [...args, "readme_example.mjs"], { cwd: project.path, env });
        assert.equal(text, "SOME TEXT 3\n1\n2\nETIMEDOUT true\nwritten\npattern\n");
      },
    });
  }
});

const strict = { strict: true, noEmit: true, skipLibCheck: false, target: "ES2022" };

const compilerSettings = {
  "Node's own resolution": {
    files: ["consumer.ts", "readme_example.ts"],
    module: "NodeNext",
    moduleResolution: "NodeNext",
    lib: ["ES2022"],
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  },
  "a bundler's resolution and a page's types": {
    files: ["consumer.ts"],
    module: "ESNext",
    moduleResolution: "Bundler",
    lib: ["ES2022", "DOM"],
    types: [],
  },
};

/** The suite as a program for any runtime, without the package. @returns its path */
async function bundleBehaviours(project: Project): Promise<string> {
  const path = join(project.path, "behaviours.mjs");
  const flags = ["--target=node", "--external=exec-server", `--outfile=${path}`];
  await run(bun, ["build", join(root, "tests/package/behaviours.ts"), ...flags], { cwd: root });
  return path;
}

/** The program in the README's section on the library. */
async function readmeExample(): Promise<string> {
  const readme = await Deno.readTextFile(join(root, "README.md"));
  const example = /## As a library[\s\S]*?```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  assert.ok(example);
  return example;
}
