import { deepEqual, equal, match } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/places.ts";
import { counts, failedTests } from "../../scripts/test/job.ts";
import { runInLanes } from "../../scripts/test/lanes.ts";
import { slowFiles } from "../../scripts/test/slow_files.ts";
import { stepsOf } from "../../scripts/test/steps.ts";
import { unsteadyFiles } from "../../scripts/test/unsteady_files.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** Runs `npm test` on a file of tests. */
async function testAll(source: string): Promise<{ code: number; lines: string[] }> {
  await using folder = new TempFolder();
  const file = await folder.write("some_test.ts", source.replaceAll("FOLDER", folder.path));
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", join(root, "scripts/test_all.ts"), file],
    cwd: root,
  }).output();
  return { code, lines: new TextDecoder().decode(stdout).trimEnd().split("\n") };
}

Deno.test("a run says how many tests passed", async () => {
  const { code, lines } = await testAll(`Deno.test("one", () => {}); Deno.test("two", () => {});`);
  deepEqual([code, lines.at(-1)], [0, "2 passed, 0 failed"]);
});

Deno.test("a run shows a failure whole, and tries again", async () => {
  const { code, lines } = await testAll(
    `Deno.test("one", () => { throw new Error("as it were"); }); Deno.test("two", () => {});`,
  );
  deepEqual([code, lines.at(-1)], [1, "1 passed, 1 failed"]);
  equal(lines.some((line) => line.includes("as it were")), true);
});

Deno.test("a run fails where a file passes at its second try only", async () => {
  const { code, lines } = await testAll(
    `Deno.test("one", () => {
       if ([...Deno.readDirSync("FOLDER")].length > 1) return;
       Deno.mkdirSync("FOLDER/again");
       throw new Error("once");
     });`,
  );
  deepEqual([code, lines.at(-1)], [1, "0 passed, 1 failed"]);
  match(lines.join("\n"), /passed at its second try only: "one"/);
});

Deno.test("a run has a home of its own, and fails where something is left behind", async () => {
  const { code, lines } = await testAll(
    `Deno.test("one", async () => {
       if (Deno.env.get("HOME") === ${
      JSON.stringify(Deno.env.get("HOME"))
    }) throw new Error("The user's home");
       Deno.makeTempDirSync({ prefix: "left-" });
       const options = { args: ["-c", "sleep 1000 & exit 0"], stdout: "null", stderr: "null" } as const;
       await new Deno.Command("sh", options).output();
     });`,
  );
  deepEqual([code, lines.at(-1)], [1, "1 passed, 2 failed"]);
  match(
    lines.join("\n"),
    /"process" left behind:\n {2}sleep 1000\n[\s\S]*"temporary file" left behind:\n {2}left-/,
  );
});

Deno.test("a run without tests says so", async () => {
  await using folder = new TempFolder();
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", join(root, "scripts/test_all.ts"), folder.path],
    cwd: root,
  }).output();
  equal(code, 2);
  match(new TextDecoder().decode(stderr), /There are no tests in /);
});

Deno.test("black-box tests run on every runtime, or on the one that is named", () => {
  const paths = ["tests/behaviour/start_test.ts"];
  deepEqual(stepsOf({ paths, on: "bun" }).map(({ name }) => name), ["black-box tests on bun"]);
  deepEqual(
    stepsOf({ paths }).map(({ name }) => name),
    ["binary", ...["deno", "bun", "binary"].map((name) => `black-box tests on ${name}`)],
  );
});

Deno.test("what takes long is not called a unit test", () => {
  const unit = stepsOf({ paths: [] }).find(({ name }) => name === "unit tests")!;
  deepEqual(unit.jobs.filter(({ name }) => name in slowFiles), []);
  deepEqual(stepsOf({ paths: ["tests/package/library_test.ts"] }).map(({ name }) => name), ["slow tests"]);
});

Deno.test("every file of tests belongs to a step", () => {
  const names = new Set(stepsOf({ paths: [] }).flatMap(({ jobs }) => jobs.map(({ name }) => name)));
  equal(names.has("tests/scripts/test_all_test.ts"), true);
  equal([...names].some((name) => name.includes("node_modules")), false);
});

Deno.test("every file that is called slow is there", () => {
  deepEqual(Object.keys(slowFiles).filter((file) => !existsSync(join(root, file))), []);
  deepEqual(Object.keys(unsteadyFiles).filter((file) => !existsSync(join(root, file))), []);
});

Deno.test("a job begins when what it needs has ended, and holds up no other", async () => {
  const slow = { name: "slow", args: [] };
  const jobs = [slow, { name: "needs it", args: [], after: slow }, { name: "free", args: [] }];
  const gate = Promise.withResolvers<void>();
  const ended: string[] = [];
  await runInLanes(jobs, {
    lanes: 2,
    run: async ({ name }) => {
      if (name === "slow") await gate.promise;
      if (name === "free") gate.resolve();
    },
    ended: ({ name }) => ended.push(name),
  });
  deepEqual(ended, ["free", "slow", "needs it"]);
});

Deno.test("a run's output is counted, with steps and without", () => {
  deepEqual(counts("ok | 5 passed | 0 failed (2s)"), [5, 0]);
  deepEqual(counts("FAILED | 77 passed (15 steps) | 2 failed | 2 ignored (1 step) (5m35s)"), [77, 2]);
  deepEqual(counts("error: no such file"), [0, 0]);
  deepEqual(failedTests("one ... FAILED (3s)\ntwo ... ok (1s)\n"), ["one"]);
});

Deno.test("a run that is ended takes everything with it", async () => {
  await using folder = new TempFolder();
  const file = await folder.write(
    "some_test.ts",
    `Deno.test("one", async () => {
       await Deno.writeTextFile("${folder.path}/pid", String(Deno.pid));
       await Deno.rename("${folder.path}/pid", "${folder.path}/started");
       await new Promise((resolve) => setTimeout(resolve, 1e9));
     });`,
  );
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", join(root, "scripts/test_all.ts"), file],
    cwd: root,
    env: { TMPDIR: folder.path },
    stdout: "null",
  }).spawn();
  using watcher = Deno.watchFs(folder.path);
  for await (const { paths } of watcher) if (paths.some((path) => path.endsWith("/started"))) break;
  child.kill("SIGTERM");
  equal((await child.status).code, 143);
  deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(), ["some_test.ts", "started"]);
  const pid = await Deno.readTextFile(join(folder.path, "started"));
  equal(await Deno.stat(`/proc/${pid}`).then(() => true, () => false), false);
});
