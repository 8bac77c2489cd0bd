/** All that there is to run: steps, each a check or a number of test files. */
import { join } from "node:path";
import { commands } from "../commands.ts";
import { root } from "../places.ts";
import type { Job } from "./job.ts";
import { slowFiles } from "./slow_files.ts";

/** Jobs that are told of together. */
export interface Step {
  readonly name: string;
  readonly jobs: readonly Job[];
}

/** What is chosen of them. */
export interface Choice {
  /** Files or folders of tests, from the root; everything, with the checks, where there are none. */
  readonly paths: readonly string[];
  /** The runtime that black-box tests run on; each where there is none. */
  readonly on?: string;
}

/** Folders whose tests start the command under test; each runs once per runtime. */
const blackBox = ["tests/behaviour", "tests/conformance", "tests/faults", "tests/e2e"];

const noTests = ["tests/support", "tests/node_modules", "tests/dist"];

/** What black-box tests run on. */
export const runtimeNames: readonly string[] = Object.keys(commands);

/** Makes what the tests of the binary run. */
const compileBinary: Job = {
  name: "binary",
  args: ["run", "-A", "--quiet", "scripts/compile.ts", "--with", "bun", "--no-archive"],
  isCheck: true,
};

const checks: readonly Job[] = [
  compileBinary,
  { name: "types", args: ["check", "--quiet", "main.ts", "src", "tests", "scripts"], isCheck: true },
  { name: "lint", args: ["lint", "--quiet"], isCheck: true },
  { name: "formatting", args: ["fmt", "--check", "--quiet"], isCheck: true },
  { name: "import directions", args: ["run", "-A", "scripts/check_imports.ts"], isCheck: true },
  { name: "bundled page", args: ["run", "-A", "scripts/console.ts", "--check"], isCheck: true },
  { name: "generated pages", args: ["run", "-A", "scripts/docs.ts", "--check"], isCheck: true },
];

/** A minute of the soak in all, the same choices in every run. */
const soaks: readonly Job[] = ["deno", "bun"].map((runtime) => ({
  name: "scripts/soak/main.ts",
  args: `run -A --quiet scripts/soak/main.ts --on ${runtime} --minutes 0.5 --seed 1 --messages 10000`.split(
    " ",
  ),
}));

/** The steps of a choice; none where there are no such tests. */
export function stepsOf({ paths, on }: Choice): Step[] {
  const files = (paths.length > 0 ? paths : ["tests"]).flatMap((path) => testFiles(path.replace(/\/+$/, "")));
  const isBlackBox = (file: string) => blackBox.some((folder) => file.startsWith(`${folder}/`));
  const inside = files.filter((file) => !isBlackBox(file));
  const isSlow = (file: string) => Object.hasOwn(slowFiles, file);
  const runtimes = on === undefined ? runtimeNames : [on];
  const job = (file: string) => testJob(file, file.includes("launcher_test") ? compileBinary : undefined);
  const tests = [
    { name: "unit tests", jobs: inside.filter((file) => !isSlow(file)).map(job) },
    // Of whole packages, pages and programs.
    { name: "slow tests", jobs: inside.filter(isSlow).map(job) },
    ...runtimes.map((runtime) => ({
      name: `black-box tests on ${runtime}`,
      jobs: files.filter(isBlackBox).map((file) => onRuntime(file, runtime)),
    })),
    {
      name: "black-box tests on deno over the other form of messages",
      jobs: runtimes.includes("deno")
        ? files.filter((file) => overBoth.includes(file)).map((file) => onRuntime(file, "deno", "wire"))
        : [],
    },
  ].filter(({ jobs }) => jobs.length > 0);
  if (paths.length === 0 && on === undefined) {
    return [
      ...checks.map((job) => ({ name: job.name, jobs: [job] })),
      { name: "soak", jobs: soaks },
      ...tests,
    ];
  }
  const isNeeded = tests.some(({ jobs }) => jobs.some(({ after }) => after === compileBinary));
  return isNeeded ? [{ name: compileBinary.name, jobs: [compileBinary] }, ...tests] : tests;
}

/** Slow jobs first, so that none of them is what everybody waits for in the end. */
export function inOrder(steps: readonly Step[]): Job[] {
  const weight = ({ name, isCheck }: Job) => isCheck ? Infinity : slowFiles[name] ?? 0;
  return steps.flatMap(({ jobs }) => jobs).sort((one, other) => {
    const [first, second] = [weight(one), weight(other)];
    return first === second ? 0 : second - first;
  });
}

function testJob(file: string, after?: Job): Job {
  // The check of the types looks at all files together.
  return {
    name: file,
    args: ["test", "-A", "--quiet", "--no-check", join(root, file)],
    ...after && { after },
  };
}

/**
 * What is tried with the library and with clients made by hand, of which one speaks binary frames and the other JSON. On Deno
 * these files run once more the other way round.
 */
const overBoth: readonly string[] = [
  "tests/behaviour/back_pressure_test.ts",
  "tests/behaviour/byte_exactness_test.ts",
  "tests/behaviour/paused_reader_test.ts",
  "tests/behaviour/sharing_test.ts",
  "tests/behaviour/stdin_test.ts",
  "tests/faults/faults_test.ts",
  "tests/faults/viewer_cuts_test.ts",
];

function onRuntime(file: string, runtime: string, framesOf = runtime === "bun" ? "wire" : "library"): Job {
  const job = testJob(file, runtime === "binary" ? compileBinary : undefined);
  // Bun's server is the binary's, too: all that is tried on both is tried over both.
  const env = { EXEC_SERVER_COMMAND: JSON.stringify(commands[runtime]), EXEC_SERVER_FRAMES: framesOf };
  return { ...job, env };
}

function testFiles(path: string): string[] {
  if (noTests.includes(path)) return [];
  if (Deno.statSync(join(root, path)).isFile) return [path];
  const entries = [...Deno.readDirSync(join(root, path))].sort((a, b) => a.name < b.name ? -1 : 1);
  return entries.flatMap(({ name, isDirectory }) => {
    if (isDirectory) return testFiles(`${path}/${name}`);
    return name.endsWith("_test.ts") ? [`${path}/${name}`] : [];
  });
}
