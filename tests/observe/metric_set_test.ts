import { deepEqual, equal } from "node:assert/strict";
import { MetricSet } from "../../src/observe/metric_set.ts";
import { prometheusText } from "../../src/observe/prometheus_text.ts";

Deno.test("MetricSet counts by labels, and knows some at zero", () => {
  const metrics = new MetricSet();
  const counter = metrics.counter("a_total", "A.", [{ kind: "x" }]);
  counter.add({ kind: "y" });
  counter.add({ kind: "y" });
  deepEqual(metrics.collect(), [{
    name: "a_total",
    kind: "counter",
    help: "A.",
    samples: [{ labels: { kind: "x" }, value: 0 }, { labels: { kind: "y" }, value: 2 }],
  }]);
});

Deno.test("prometheusText() writes counters, gauges and histograms", () => {
  const metrics = new MetricSet();
  metrics.counter("a_total", "How many.").add();
  metrics.observe("b", "gauge", "How much.", () => [{ labels: { of: "c" }, value: 1.5 }]);
  const histogram = metrics.histogram("d_seconds", "How long.", [0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 7]) histogram.record(value, { result: "ok" });
  equal(
    prometheusText(metrics.collect()),
    `# HELP a_total How many.
# TYPE a_total counter
a_total 1
# HELP b How much.
# TYPE b gauge
b{of="c"} 1.5
# HELP d_seconds How long.
# TYPE d_seconds histogram
d_seconds_bucket{result="ok",le="0.1"} 2
d_seconds_bucket{result="ok",le="1"} 3
d_seconds_bucket{result="ok",le="+Inf"} 4
d_seconds_sum{result="ok"} 7.65
d_seconds_count{result="ok"} 4
`,
  );
});
