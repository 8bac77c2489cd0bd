/**
 * Runs every check and test: formatting, lint, types, import directions, unit tests, and the black-box suites against
 * each runtime. Quiet about success; a failure's whole output is shown. Ends with a line `N passed, N failed`.
 *
 *   deno run -A scripts/test_all.ts [--only NAME]
 */
import process from "node:process";
import { version } from "../src/version.ts";
import { installTestTools } from "./test_tools.ts";
import { hostTarget } from "./targets.ts";

/** One command to run and what it covers. */
interface Step {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  /** A check counts as one test; a test run counts its own. */
  readonly isCheck?: true;
  /** Whether it has the machine to itself. */
  readonly isAlone?: true;
}

const deno = Deno.execPath();
const bun = `${process.cwd()}/node_modules/bun/bin/bun.exe`;

const testFlags = ["test", "-A", "--quiet"];

/** Suites that start the command under test; each runs once per runtime. */
const blackBox = ["tests/behaviour", "tests/conformance", "tests/faults", "tests/e2e"];
const runtimes: Record<string, string> = {
  deno: JSON.stringify([deno, "run", "-A", "--quiet", `${process.cwd()}/main.ts`]),
  bun: JSON.stringify([bun, "run", `${process.cwd()}/main.ts`]),
  binary: JSON.stringify([`${process.cwd()}/dist/exec-server-${version}-${hostTarget()}-bun`]),
};

const steps: Step[] = [
  { name: "formatting", args: ["fmt", "--check", "--quiet"], isCheck: true, isAlone: true },
  { name: "lint", args: ["lint", "--quiet"], isCheck: true, isAlone: true },
  {
    name: "types",
    args: ["check", "--quiet", "main.ts", "src", "tests", "scripts"],
    isCheck: true,
    isAlone: true,
  },
  {
    name: "import directions",
    args: ["run", "-A", "scripts/check_imports.ts"],
    isCheck: true,
    isAlone: true,
  },
  {
    name: "generated pages",
    args: ["run", "-A", "scripts/docs.ts", "--check"],
    isCheck: true,
    isAlone: true,
  },
  {
    name: "binary",
    args: ["run", "-A", "--quiet", "scripts/compile.ts", "--with", "bun", "--no-archive"],
    isCheck: true,
    isAlone: true,
  },
  { name: "unit tests", args: [...testFlags, "--parallel", ...unitTests()], isAlone: true },
  ...Object.entries(runtimes).map(([name, command]) => ({
    name: `black-box tests on ${name}`,
    args: [...testFlags, ...blackBox.filter(exists)],
    env: { EXEC_SERVER_COMMAND: command },
  })),
];

/** Milliseconds for one step; several times what it takes on two busy cores. */
const stepMs = 10 * 60_000;

await installTestTools();
let passed = 0;
let failed = 0;
const only = process.argv[2] === "--only" ? process.argv[3] : undefined;
const wanted = steps.filter(({ name }) => !only || name.includes(only));
for (const step of wanted.filter(({ isAlone }) => isAlone)) await run(step);
// Servers under test wait more than they work: two runs beside each other make good use of two cores.
const rest = wanted.filter(({ isAlone }) => !isAlone);
const lane = async () => {
  for (let step; (step = rest.shift());) await run(step);
};
await Promise.all([lane(), lane()]);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);

async function run(step: Step): Promise<void> {
  const { name, isCheck } = step;
  const started = performance.now();
  let { success, text } = await attempt(step);
  let [good, bad] = counts(text);
  let remark = "";
  if (!success && !isCheck) {
    // Tests that cut connections and kill processes at random moments meet a loaded machine: their files get a second
    // try, and what failed the first is named, so that it is looked into.
    remark = `, ${bad} at the second try: ${failures(text)}`;
    const files = [...new Set([...text.matchAll(/=> \.\/(tests\/\S+?\.ts):\d+/g)].map(([, file]) => file!))];
    const again = await attempt(files.length > 0 ? { ...step, args: [...testFlags, ...files] } : step);
    if (again.success && files.length === 0) [good] = counts(again.text);
    if (again.success && files.length > 0) good += bad;
    ({ success } = again);
    if (!success) ({ text } = again);
  }
  passed += isCheck ? Number(success) : good;
  // A run that fails without saying so, such as on a leak or a file that does not load, is a failure too.
  failed += success ? 0 : Math.max(1, bad);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const count = isCheck ? "" : `, ${good} tests${remark}`;
  process.stdout.write(`${success ? "ok    " : "FAILED"} ${name} (${seconds} s${count})\n`);
  if (!success) process.stdout.write(`${text}\n`);
}

/** How many tests of a run passed, and how many failed. */
function counts(text: string): [passed: number, failed: number] {
  const [, good = 0, bad = 0] = /(\d+) passed.*? (\d+) failed/.exec(text) ?? [];
  return [Number(good), Number(bad)];
}

async function attempt({ args, env = {} }: Step): Promise<{ success: boolean; text: string }> {
  const { success, stdout, stderr } = await new Deno.Command(deno, {
    args: [...args],
    env: { ...env, NO_COLOR: "1" },
    stdin: "null",
    signal: AbortSignal.timeout(stepMs), // A test that hangs must not hang everything.
  }).output();
  const decoder = new TextDecoder();
  return { success, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** The names of the tests that a run's output calls failed; without any, its end. */
function failures(text: string): string {
  const names = [...text.matchAll(/^(?:\S+ => )?(.+) \.\.\. FAILED/gm)].map(([, name]) => `"${name}"`);
  return [...new Set(names)].join(", ") || `no test by name, ending with\n${text.slice(-4000)}`;
}

function unitTests(): string[] {
  const folders = [...Deno.readDirSync("tests")].filter((entry) => entry.isDirectory).map(({ name }) =>
    `tests/${name}`
  );
  return folders.filter((folder) =>
    !blackBox.includes(folder) && folder !== "tests/support" && folder !== "tests/node_modules"
  );
}

function exists(path: string): boolean {
  try {
    return [...Deno.readDirSync(path)].length > 0;
  } catch {
    return false;
  }
}
