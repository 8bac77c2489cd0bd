/** One process of the run: a check, or one file of tests on one runtime. */
import { root } from "../places.ts";

/** What to run. */
export interface Job {
  /** The file of tests; of a check, its name. */
  readonly name: string;
  /** Arguments of Deno. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A check counts as one test; a test run counts its own. */
  readonly isCheck?: boolean;
  /** A job that must have ended before, as it makes what this one needs. */
  readonly after?: Job;
}

/** How it went. */
export interface Outcome {
  readonly success: boolean;
  /** Tests that passed and that failed. A run that fails without a failed test has one: a leak, a file that does not load. */
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  /** All that it wrote. */
  readonly text: string;
}

/** Milliseconds that a job may take, several times what the slowest does on two busy cores. */
export const JOB_MS = 15 * 60_000;

/** @param env of all jobs */
export async function runJob(job: Job, env: Readonly<Record<string, string>>): Promise<Outcome> {
  const started = performance.now();
  const signal = AbortSignal.timeout(JOB_MS);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...job.args],
    cwd: root,
    env: { ...env, ...job.env },
    clearEnv: true,
    stdin: "null",
    signal, // A test that hangs must not hang everything.
  }).output();
  const decoder = new TextDecoder();
  const late = signal.aborted ? `\nEnded after ${JOB_MS / 60_000} minutes, the time limit of a job\n` : "";
  const text = decoder.decode(stdout) + decoder.decode(stderr) + late;
  const [passed, failed] = job.isCheck ? [Number(success), 0] : counts(text);
  return {
    success,
    passed,
    failed: success ? 0 : Math.max(1, failed),
    seconds: (performance.now() - started) / 1000,
    text,
  };
}

/** How many tests of a run passed, and how many failed. */
export function counts(text: string): [passed: number, failed: number] {
  const found = /(\d+) passed.*? (\d+) failed/.exec(text);
  return [Number(found?.[1] ?? 0), Number(found?.[2] ?? 0)];
}

/** The names of the tests that a run's output calls failed. */
export function failedTests(text: string): string[] {
  return [
    ...new Set([...text.matchAll(/^(?:\S+ => )?(.+) \.\.\. FAILED/gm)].map(([, name]) => name!.trim())),
  ];
}

/** What a run says it could not test here. */
export function untested(text: string): string[] {
  return [...text.matchAll(/^NOT TESTED.*/gm)].map(([line]) => line);
}
