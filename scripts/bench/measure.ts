import type { Contender, Started } from "./contender.ts";
import type { Metric, Numbers } from "./metric.ts";
import type { Target } from "./target.ts";
import type { Workload } from "./workload.ts";

/** Every number measured for one metric, by contender. */
export interface Sample {
  readonly metric: Metric;
  readonly values: Record<string, number[]>;
}

/** A contender that did not do a workload, and why. */
export interface Failure {
  readonly contender: string;
  readonly workload: string;
  readonly reason: string;
}

export interface Measured {
  readonly samples: Sample[];
  readonly failures: Failure[];
}

/** Who measures what, and how often. */
export interface Plan {
  readonly contenders: readonly Contender[];
  readonly workloads: readonly Workload[];
  readonly rounds: number;
  /** Does a workload in a client process of its own. @throws {Error} that says why it failed */
  work(workload: Workload, contender: Contender, target: Target): Promise<Numbers>;
  /** Told of each workload before it begins, and of each failure. */
  report?(line: string): void;
}

/** Measures contenders in turn, round by round. Who fails is left out of that workload's further rounds. */
export async function measure(plan: Plan): Promise<Measured> {
  const measured: Measured = { samples: [], failures: [] };
  for (const workload of plan.workloads) {
    plan.report?.(workload.name);
    const kinds = ["server", ...workload.besides];
    const able = plan.contenders.filter(({ kind }) => kinds.includes(kind));
    measured.samples.push(...workload.metrics.map((metric) => ({ metric, values: {} })));
    const recorder = new Recorder(measured, workload, plan.report);
    const isShared = !workload.isFresh && !workload.runContender;
    const servers = isShared ? await startAll(able, recorder) : new Map<Contender, Started>();
    try {
      for (let round = 0; round < Math.min(plan.rounds, workload.rounds ?? Infinity); round++) {
        for (const contender of able) {
          await recorder.attempt(contender, async () => {
            recorder.record(contender, await doOnce(plan, workload, contender, servers.get(contender)));
          });
        }
      }
    } finally {
      for (const server of servers.values()) await server.stop();
    }
  }
  return { ...measured, samples: measured.samples.filter(({ values }) => Object.keys(values).length > 0) };
}

async function doOnce(
  plan: Plan,
  workload: Workload,
  contender: Contender,
  server: Started | undefined,
): Promise<Numbers> {
  if (workload.runContender) return await workload.runContender(contender);
  const { target, stop } = server ?? await contender.start();
  try {
    return await plan.work(workload, contender, target);
  } finally {
    if (!server) await stop();
  }
}

async function startAll(
  contenders: readonly Contender[],
  recorder: Recorder,
): Promise<Map<Contender, Started>> {
  const servers = new Map<Contender, Started>();
  for (const contender of contenders) {
    await recorder.attempt(contender, async () => void servers.set(contender, await contender.start()));
  }
  return servers;
}

/** Keeps what one workload yields. */
class Recorder {
  readonly #failed = new Set<Contender>();

  constructor(
    readonly measured: Measured,
    readonly workload: { readonly name: string },
    readonly report?: (line: string) => void,
  ) {}

  /** Does something for a contender that has not failed; an error is its failure. */
  async attempt(contender: Contender, action: () => Promise<void>): Promise<void> {
    if (this.#failed.has(contender)) return;
    try {
      await action();
    } catch (error) {
      this.#failed.add(contender);
      const reason = error instanceof Error ? error.message : String(error);
      this.measured.failures.push({ contender: contender.name, workload: this.workload.name, reason });
      this.report?.(`${this.workload.name}: ${contender.name} failed: ${reason}`);
    }
  }

  record(contender: Contender, numbers: Numbers): void {
    for (const { metric, values } of this.measured.samples) {
      const value = numbers[metric.name];
      if (value !== undefined) (values[contender.name] ??= []).push(value);
    }
  }
}
