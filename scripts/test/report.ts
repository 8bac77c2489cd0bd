/** What is told of a run, on the way and at its end. */
import { failedTests, type Job, type Outcome, untested } from "./job.ts";
import type { Step } from "./steps.ts";
import { unsteadyFiles } from "./unsteady_files.ts";

/** How many of the slowest jobs are named. */
const SLOWEST = 10;

/** Collects how jobs went, and writes what a person should know. */
export class Report {
  readonly #steps: readonly Step[];
  readonly #write: (text: string) => void;
  readonly #outcomes = new Map<Job, Outcome>();
  readonly #untested = new Set<string>();
  readonly #started = performance.now();
  #passed = 0;
  #failed = 0;

  constructor(steps: readonly Step[], write: (text: string) => void) {
    this.#steps = steps;
    this.#write = write;
  }

  /** What runs now, and how far all is. */
  progress(running: readonly Job[]): void {
    const total = this.#steps.reduce((sum, { jobs }) => sum + jobs.length, 0);
    this.#write(
      `...    ${this.#outcomes.size} of ${total} after ${this.#minutes()} min: ${
        running.map(title).join(", ")
      }\n`,
    );
  }

  ended(job: Job, outcome: Outcome): void {
    this.#outcomes.set(job, outcome);
    this.#passed += outcome.passed;
    for (const line of untested(outcome.text)) this.#untested.add(line);
    if (!outcome.success) this.#tellFailure(job, outcome);
    const step = this.#steps.find(({ jobs }) => jobs.includes(job))!;
    if (step.jobs.every((job) => this.#outcomes.has(job))) this.#tellStep(step);
  }

  /** The files of tests that failed. */
  toTryAgain(): Job[] {
    return [...this.#outcomes].filter(([{ isCheck }, { success }]) => !success && !isCheck).map(([job]) =>
      job
    );
  }

  triedAgain(job: Job, again: Outcome): void {
    const first = this.#outcomes.get(job)!;
    const reason = unsteadyFiles[job.name];
    if (!again.success) {
      this.#write(`FAILED ${title(job)} at the second try, too: ${again.failed} tests\n`);
      this.#failed += again.failed;
      this.#passed += Math.max(0, again.passed - first.passed);
      return;
    }
    const names = failedTests(first.text).map((name) => `"${name}"`).join(", ");
    this.#write(`${reason ? "ok    " : "FAILED"} ${title(job)} passed at its second try only: ${names}\n`);
    if (reason) this.#write(`       That is known: ${reason}\n`);
    if (reason) this.#passed += Math.max(0, again.passed - first.passed);
    else this.#failed += first.failed;
  }

  /** What the run left behind. */
  left(kind: string, names: readonly string[]): void {
    if (names.length === 0) return;
    this.#failed++;
    this.#write(
      `FAILED ${names.length} of kind "${kind}" left behind:\n${names.map((name) => `  ${name}\n`).join("")}`,
    );
  }

  /** Names the jobs that took longest, and fails where one took longer than a time. */
  slow(seconds: number): void {
    const slowest = [...this.#outcomes].sort(([, one], [, other]) => other.seconds - one.seconds);
    const names = slowest.slice(0, SLOWEST).map(([job, outcome]) =>
      `${title(job)} ${outcome.seconds.toFixed(0)} s`
    );
    if (slowest.length > SLOWEST) this.#write(`Slowest: ${names.join(", ")}\n`);
    for (const [job, outcome] of slowest.filter(([, outcome]) => outcome.seconds > seconds)) {
      this.#failed++;
      this.#write(
        `FAILED ${title(job)} took ${outcome.seconds.toFixed(0)} s, more than half its limit: part it\n`,
      );
    }
  }

  /** Writes the closing line. @returns whether the run failed */
  finish(): boolean {
    for (const [job, { success, failed }] of this.#outcomes) {
      if (!success && job.isCheck) this.#failed += failed;
    }
    for (const line of this.#untested) this.#write(`${line}\n`);
    this.#write(`Took ${this.#minutes()} min\n${this.#passed} passed, ${this.#failed} failed\n`);
    return this.#failed > 0 || this.#passed === 0;
  }

  #tellFailure(job: Job, { text, seconds }: Outcome): void {
    this.#write(`FAILED ${title(job)} (${seconds.toFixed(0)} s)\n${text}\n`);
  }

  #tellStep({ name, jobs }: Step): void {
    const outcomes = jobs.map((job) => this.#outcomes.get(job)!);
    const success = outcomes.every(({ success }) => success);
    const seconds = outcomes.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(0);
    const passed = outcomes.reduce((sum, { passed }) => sum + passed, 0);
    const count = jobs[0]!.isCheck ? "" : `, ${passed} tests in ${jobs.length} files`;
    this.#write(`${success ? "ok    " : "FAILED"} ${name} (${seconds} s${count})\n`);
  }

  #minutes(): string {
    return ((performance.now() - this.#started) / 60_000).toFixed(1);
  }
}

/** A job's name, with the runtime where there is one. */
function title({ name, env }: Job): string {
  const command = env?.EXEC_SERVER_COMMAND;
  if (command === undefined) return name;
  const [program] = JSON.parse(command) as string[];
  return `${name} on ${
    /deno[^/]*$/.test(program!) ? "deno" : /\/bun[^/]*$/.test(program!) ? "bun" : "binary"
  }`;
}
