/** What a metric counts and which way is good. */
export interface Metric {
  readonly name: string;
  readonly unit: "ms" | "s" | "MB/s" | "MB" | "KB";
  readonly better: "lower" | "higher";
}

/** Numbers by the name of their metric. */
export type Numbers = Record<string, number>;

export const ms = (name: string): Metric => ({ name, unit: "ms", better: "lower" });
export const rate = (name: string): Metric => ({ name, unit: "MB/s", better: "higher" });
export const megabytes = (name: string): Metric => ({ name, unit: "MB", better: "lower" });
export const kilobytes = (name: string): Metric => ({ name, unit: "KB", better: "lower" });
