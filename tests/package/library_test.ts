import assert from "node:assert/strict";
import { join } from "node:path";
import { serverCommand, startServer } from "../support/server_process.ts";
import { Project, root, run, runtimes } from "./installed.ts";

Deno.test("the installed package works on every runtime, with and without a server", async (test) => {
  await using project = await Project.library();
  await using server = await startServer();
  await Deno.copyFile(join(root, "tests/package/exercise.mjs"), join(project.path, "exercise.mjs"));
  for (const [name, [program, ...args]] of Object.entries(await runtimes())) {
    await test.step(`it works on ${name}`, async () => {
      const command = [...args, "exercise.mjs", server.url, ...serverCommand()];
      assert.match(await run(program!, command, { cwd: project.path }), /all is well\n$/);
    });
  }
});

Deno.test("the installed package's types hold what a strict program expects of them", async (test) => {
  await using project = await Project.library();
  await Deno.copyFile(join(root, "tests/package/consumer.ts"), join(project.path, "consumer.ts"));
  const strict = { strict: true, noEmit: true, skipLibCheck: false, target: "ES2022" };
  const settings = {
    "Node's own resolution": {
      module: "NodeNext",
      moduleResolution: "NodeNext",
      lib: ["ES2022"],
      types: ["node"],
      typeRoots: [join(root, "node_modules/@types")],
    },
    "a bundler's resolution, for a page": {
      module: "ESNext",
      moduleResolution: "Bundler",
      lib: ["ES2022", "DOM"],
      types: [],
    },
  };
  for (const [name, compilerOptions] of Object.entries(settings)) {
    await test.step(name, async () => {
      const config = { compilerOptions: { ...strict, ...compilerOptions }, files: ["consumer.ts"] };
      await project.write("tsconfig.json", JSON.stringify(config));
      await run("node", [join(root, "node_modules/typescript/bin/tsc"), "-p", "."], { cwd: project.path });
    });
  }
});

Deno.test("the package holds what it needs and no more", async () => {
  await using project = await Project.library();
  const folder = join(project.path, "node_modules/exec-server");
  const description = JSON.parse(await Deno.readTextFile(join(folder, "package.json")));
  assert.deepEqual(Object.keys(description.dependencies), ["valibot", "ws"]);
  const files = (await run("find", [".", "-type", "f"], { cwd: folder })).trim().split("\n");
  const others = files.filter((file) => !/^\.\/(lib\/.*\.(js|d\.ts)|bin\/exec-server\.js)$/.test(file));
  assert.deepEqual(others.sort(), ["./LICENSE", "./README.md", "./package.json"]);
});
