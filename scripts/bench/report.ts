import { rivalName } from "./contenders.ts";
import { type Metric, quantile } from "./workloads.ts";

/** Every number measured for one metric, by contender. */
export interface Sample {
  readonly metric: Metric;
  readonly values: Record<string, number[]>;
}

/** A Markdown table: medians with their spread, and the ratio to the rival. */
export function table(samples: readonly Sample[], names: readonly string[]): string {
  const columns = ["floor", ...names];
  const header = [
    "",
    ...columns.flatMap((name) => name === "floor" || name === rivalName ? [name] : [name, "ratio"]),
  ];
  const rows = samples.map(({ metric, values }) => {
    const rival = values[rivalName] && quantile(values[rivalName], 0.5);
    return [
      `${metric.name}, ${metric.unit}${metric.better === "higher" ? " (more is better)" : ""}`,
      ...columns.flatMap((name) => {
        const numbers = values[name];
        const cell = numbers ? `${short(quantile(numbers, 0.5))} ± ${short(spread(numbers))}` : "";
        if (name === "floor" || name === rivalName) return [cell];
        return [cell, numbers && rival ? (quantile(numbers, 0.5) / rival).toFixed(2) : ""];
      }),
    ];
  });
  return [header, header.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |\n`).join("");
}

/** Half of the range in which the middle half of all numbers lies. */
function spread(numbers: readonly number[]): number {
  return (quantile(numbers, 0.75) - quantile(numbers, 0.25)) / 2;
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
