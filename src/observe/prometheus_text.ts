import type { Distribution, Labels, Metric } from "./metric_set.ts";

/** The media type of {@linkcode prometheusText}. */
export const prometheusType = "text/plain; version=0.0.4; charset=utf-8";

/** Metrics as Prometheus and those that speak its language read them. */
export function prometheusText(metrics: readonly Metric[]): string {
  return metrics.map((metric) => {
    const head = `# HELP ${metric.name} ${metric.help}\n# TYPE ${metric.name} ${metric.kind}\n`;
    return head + lines(metric).map((line) => `${line}\n`).join("");
  }).join("");
}

function lines(metric: Metric): string[] {
  if (metric.kind !== "histogram") {
    return metric.samples.map(({ labels, value }) => `${metric.name}${braces(labels)} ${value}`);
  }
  return metric.distributions.flatMap((distribution) =>
    histogramLines(metric.name, metric.bounds, distribution)
  );
}

function histogramLines(name: string, bounds: readonly number[], distribution: Distribution): string[] {
  const { labels, counts, sum, count } = distribution;
  let below = 0;
  const buckets = bounds.map((bound, index) => {
    below += counts[index]!;
    return `${name}_bucket${braces({ ...labels, le: String(bound) })} ${below}`;
  });
  return [
    ...buckets,
    `${name}_bucket${braces({ ...labels, le: "+Inf" })} ${count}`,
    `${name}_sum${braces(labels)} ${sum}`,
    `${name}_count${braces(labels)} ${count}`,
  ];
}

/** Values are this program's own words, which need no escapes. */
function braces(labels: Labels = {}): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}
