/**
 * Runs every check and test: formatting, lint, types, import directions, unit tests, and the black-box suites against
 * each runtime. Quiet about success; a failure's whole output is shown. Ends with a line `N passed, N failed`.
 *
 *   npm test [-- PATH... [--on deno|bun|binary] [--lanes N] [--clean]]
 *
 * With files or folders, only their tests run. A file that fails is tried again when all is done, alone; when that goes
 * well it is named, and the run fails all the same, since the test is wrong or the program is. A run fails, too, when it
 * leaves files or processes behind, and with `--clean` when the checkout is not as it was.
 */
import { relative, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { root } from "./places.ts";
import { type Job, JOB_MS, runJob } from "./test/job.ts";
import { runInLanes } from "./test/lanes.ts";
import { Report } from "./test/report.ts";
import { Sandbox } from "./test/sandbox.ts";
import { inOrder, runtimeNames, stepsOf } from "./test/steps.ts";
import { installTestTools } from "./test/tools.ts";

/** Milliseconds between two lines that say what is running. */
const PROGRESS_MS = 30_000;

const { paths, on, lanes, clean } = commandLine();
const steps = stepsOf({ paths, on });
const jobs = inOrder(steps);
if (jobs.length === 0) fail(`There are no tests in ${paths.join(", ")}`);
await installTestTools().catch((error: Error) => fail(error.message));

/** What the run ends with where it is ended. */
let ended: number | undefined;
let failed: boolean;
{
  await using sandbox = await Sandbox.create();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, async () => {
      jobs.length = 0; // No lane begins another.
      ended = signal === "SIGINT" ? 130 : 143;
      await sandbox[Symbol.asyncDispose]();
      process.exit(ended);
    });
  }
  failed = await run(sandbox);
}
process.exit(ended ?? (failed ? 1 : 0));

async function run(sandbox: Sandbox): Promise<boolean> {
  const before = clean ? changedFiles() : [];
  const report = new Report(steps, (text) => process.stdout.write(text));
  const env = { ...sandbox.env, ...browser() };
  const running = new Set<Job>();
  const progress = setInterval(() => report.progress([...running]), PROGRESS_MS);
  await runInLanes(jobs, {
    lanes,
    run: (job) => runJob(job, env),
    started: (job) => running.add(job),
    ended: (job, outcome) => {
      running.delete(job);
      report.ended(job, outcome);
    },
  });
  for (const job of report.toTryAgain()) {
    running.add(job);
    report.triedAgain(job, await runJob(job, env));
    running.delete(job);
  }
  clearInterval(progress);
  report.left("process", [...(await sandbox.leftProcesses()).values()]);
  report.left("temporary file", sandbox.leftFiles());
  if (clean) report.left("changed file", changedFiles().filter((line) => !before.includes(line)));
  report.slow(JOB_MS / 2 / 1000);
  return report.finish();
}

/** What git says of the checkout, a line for each file. */
function changedFiles(): string[] {
  const { stdout } = new Deno.Command("git", { args: ["status", "--porcelain"], cwd: root }).outputSync();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}

/** A browser for the tests that want one. */
function browser(): Record<string, string> {
  const given = Deno.env.get("EXEC_SERVER_BROWSER");
  const { success, stdout } = new Deno.Command("sh", { args: ["-c", "command -v chromium"] }).outputSync();
  const found = given ?? (success ? new TextDecoder().decode(stdout).trim() : "");
  return found === "" ? {} : { EXEC_SERVER_BROWSER: found };
}

function commandLine() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { on: { type: "string" }, lanes: { type: "string" }, clean: { type: "boolean" } },
    });
    if (values.on !== undefined && !runtimeNames.includes(values.on)) {
      throw new Error(`--on takes ${runtimeNames.join(", ")}, not "${values.on}"`);
    }
    // Servers under test wait as much as they work.
    const lanes = Number(values.lanes ?? navigator.hardwareConcurrency + 1);
    if (!(lanes >= 1)) throw new Error(`--lanes takes a number from 1 on, not "${values.lanes}"`);
    const paths = positionals.map((path) => relative(root, resolve(path)));
    const missing = paths.findIndex((path) => !isThere(path));
    if (missing >= 0) throw new Error(`There is no "${positionals[missing]}"`);
    return { paths, on: values.on, lanes, clean: values.clean };
  } catch (error) {
    fail((error as Error).message);
  }
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(resolve(root, path)) !== undefined;
  } catch {
    return false;
  }
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
