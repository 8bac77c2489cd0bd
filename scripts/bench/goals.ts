import { floorNames, ourNames, rivalName } from "./contenders.ts";
import type { Sample } from "./measure.ts";
import { median } from "./statistics.ts";

/** What a metric must reach. */
export interface Goal {
  readonly metric: string;
  /** What it is divided by; nothing where the limit is in the metric's own unit. */
  readonly to?: "rival" | "bare process" | "bare socket" | "sshd";
  /** The metric of whatever it is divided by, where that is another one. */
  readonly toMetric?: string;
  /** The most where less is better, the least where more is. */
  readonly limit: number;
  /** Whose it is; everybody's of ours otherwise. */
  readonly of?: keyof typeof ourNames;
}

export const goals: readonly Goal[] = [
  { metric: "start to closed, p50", to: "rival", limit: 1 / 25 },
  { metric: "start to closed, p50", to: "bare process", limit: 1.5 },
  { metric: "round trip", to: "rival", limit: 1.1, of: "Deno" },
  { metric: "round trip", to: "rival", limit: 0.9, of: "Bun" },
  { metric: "bulk output", to: "rival", limit: 2.5 },
  { metric: "bulk output", to: "bare socket", limit: 0.8 },
  { metric: "output, server's time per GB", to: "rival", limit: 0.3 },
  { metric: "output, both ends per GB", to: "rival", toMetric: "output, server's time per GB", limit: 0.6 },
  {
    metric: "input and back, both ends per GB",
    to: "rival",
    toMetric: "output, server's time per GB",
    limit: 1.2,
  },
  { metric: "run -- head", to: "sshd", limit: 2 },
  { metric: "many short lines", to: "rival", limit: 2.5 },
  { metric: "terminal output", to: "rival", limit: 1.3 },
  { metric: "50 at once", to: "rival", limit: 0.4 },
  { metric: "8 MB file read", to: "rival", limit: 0.5 },
  { metric: "memory at rest", to: "rival", limit: 1, of: "Deno" },
  { metric: "memory after load", to: "rival", limit: 0.5 },
  { metric: "memory per idle process", to: "rival", limit: 1 },
  { metric: "start-up to ready", limit: 100, of: "binary" },
  { metric: "run -- true", limit: 120, of: "binary" },
];

/** How far a contender of ours has come with a goal; undefined where it was not measured or is not its goal. */
export function reach(
  goal: Goal,
  name: string,
  samples: readonly Sample[],
): { readonly value: number; readonly isMet: boolean } | undefined {
  const sample = samples.find(({ metric }) => metric.name === goal.metric);
  const numbers = sample?.values[name];
  if (!sample || !numbers || (goal.of ?? name) !== name) return undefined;
  const divisor = goal.toMetric ? samples.find(({ metric }) => metric.name === goal.toMetric) : sample;
  const base = goal.to ? divisor?.values[baseName(goal.to, name)] : [1];
  if (!base) return undefined;
  const value = median(numbers) / median(base);
  return { value, isMet: sample.metric.better === "lower" ? value <= goal.limit : value >= goal.limit };
}

function baseName(to: NonNullable<Goal["to"]>, name: string): string {
  if (to === "sshd") return to;
  return to === "rival" ? rivalName : floorNames(ourNames[name]!).find((floor) => floor.startsWith(to))!;
}
