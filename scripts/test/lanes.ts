/** Runs jobs in several lanes beside each other. */
import type { Job } from "./job.ts";

/** What is told of a run on the way. */
export interface LanesOptions<Result> {
  /** How many jobs run at once. */
  readonly lanes: number;
  readonly run: (job: Job) => Promise<Result>;
  /** Called when a job has ended. */
  readonly ended: (job: Job, result: Result) => void;
  /** Called when a job is about to begin. */
  readonly started?: (job: Job) => void;
}

/** Runs all jobs, in their order except for those that wait for another, until the list is emptied from outside. */
export async function runInLanes<Result>(
  jobs: readonly Job[],
  { lanes, run, ended, started }: LanesOptions<Result>,
): Promise<void> {
  const waiting = [...jobs];
  const isStopped = () => jobs.length === 0;
  const unfinished = new Map(jobs.map((job) => [job, Promise.withResolvers<void>()]));
  const next = async (): Promise<Job | undefined> => {
    const index = waiting.findIndex(({ after }) => !after || !unfinished.has(after));
    if (index >= 0) return waiting.splice(index, 1)[0];
    if (waiting.length === 0) return undefined;
    await Promise.race(waiting.map(({ after }) => unfinished.get(after!)!.promise));
    return next();
  };
  const lane = async () => {
    for (let job; !isStopped() && (job = await next());) {
      started?.(job);
      const result = await run(job);
      const { resolve } = unfinished.get(job)!;
      unfinished.delete(job);
      resolve();
      ended(job, result);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
