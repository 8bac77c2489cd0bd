/** Replays all vectors against one server and gathers what came of them. */
import { startHttpFixture } from "./http_fixture.ts";
import type { Outcome } from "./judgement.ts";
import { replayVector } from "./replay.ts";
import { startServerGroups } from "./server_groups.ts";
import type { Vector } from "./vector.ts";

/** What is replayed, and against what. */
export interface ConformanceRunOptions {
  /** Another server than the one under test: program and arguments, up to the flags. */
  command?: string[];
  /** Flags that each server is given beside those of its group. */
  flags?: readonly string[];
  /** Whether the text of errors counts. */
  wording: "exact" | "ignored";
  /** Vectors this holds for are reported as skipped. */
  skip: (vector: Vector) => boolean;
}

/** Vectors in work at a time. Slow ones do not count: they only wait. */
const jobs = 4;

/** One outcome per vector, in the order of the vectors. */
export async function runConformance(vectors: Vector[], options: ConformanceRunOptions): Promise<Outcome[]> {
  await using groups = await startServerGroups(options);
  await using fixture = startHttpFixture();
  const replay = async (vector: Vector): Promise<Outcome> => {
    if (options.skip(vector)) return { vector, state: "skipped" };
    const url = groups.urls[vector.server ?? "default"];
    const failure = await replayVector(vector, {
      url,
      variables: fixture.variables,
      wording: options.wording,
    });
    return failure === undefined ? { vector, state: "passed" } : { vector, state: "failed", failure };
  };
  const outcomes = new Map<Vector, Outcome>();
  const inTurn = vectors.values().filter(({ slow }) => !slow);
  const work = async () => {
    for (const vector of inTurn) outcomes.set(vector, await replay(vector));
  };
  const waiting = vectors.filter(({ slow }) => slow).map(async (vector) => {
    outcomes.set(vector, await replay(vector));
  });
  await Promise.all([...waiting, ...Array.from({ length: jobs }, work)]);
  return vectors.map((vector) => outcomes.get(vector)!);
}
