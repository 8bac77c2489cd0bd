import { deepStrictEqual as same } from "node:assert/strict";
import { otlpSettings } from "../../src/observe/otlp/otlp_settings.ts";
import { parseTraceparent } from "../../src/observe/tracing.ts";

const endpoint = "http://127.0.0.1:4318";
const all = { traces: true, metrics: true, metricsMs: 60_000 };

Deno.test("what is sent is what the variables ask for", () => {
  same(otlpSettings({}), undefined);
  same(otlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: " " }), undefined);
  same(otlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }), all);
  same(otlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: "TRUE" }), undefined);
  same(otlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: "no" }), all);
  same(otlpSettings({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint }), { ...all, metrics: false });
  same(otlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: "none" }), {
    ...all,
    traces: false,
  });
  const interval = (text: string) =>
    otlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_METRIC_EXPORT_INTERVAL: text })!.metricsMs;
  same(["500", "0", "-1", "soon", "1e12"].map(interval), [500, 60_000, 60_000, 60_000, 60_000]);
});

Deno.test("a parent is taken as the recommendation has it, and anything else counts nothing", () => {
  const [trace, span] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];
  const parsed = { traceId: trace, spanId: span, traceFlags: 1 };
  same(parseTraceparent(`00-${trace}-${span}-01`), parsed);
  same(parseTraceparent(`cc-${trace}-${span}-01-what-comes-later`), parsed);
  for (
    const text of [
      "",
      `00-${trace}-${span}-01-more`,
      `ff-${trace}-${span}-01`,
      `00-${"0".repeat(32)}-${span}-01`,
      `00-${trace}-${"0".repeat(16)}-01`,
      `00-${trace.toUpperCase()}-${span}-01`,
      `00-${trace}-${span}-01\n`,
    ]
  ) same(parseTraceparent(text), undefined, text);
});
