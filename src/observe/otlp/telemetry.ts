import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { TELEMETRY_FLUSH_MS } from "../../limits.ts";
import { deadline } from "../../std/async/deadline.ts";
import type { Logger } from "../logger.ts";
import type { MetricSet } from "../metric_set.ts";
import type { Tracing } from "../tracing.ts";
import { Exports } from "./exports.ts";
import { OtlpMetrics } from "./otlp_metrics.ts";
import type { OtlpSettings } from "./otlp_settings.ts";
import { OtlpTraces } from "./otlp_traces.ts";

/** What is told of, and to whom it is told that it is not taken. */
export interface TelemetryOptions {
  readonly metrics: MetricSet;
  readonly version: string;
  readonly logger: Logger;
}

/** What leaves by OTLP over HTTP. Its end sends what is left, and waits for that a moment. */
export interface Telemetry extends AsyncDisposable {
  readonly tracing: Tracing | undefined;
}

/** Begins to send what the variables of OpenTelemetry ask for, to where they say. */
export function openTelemetry(
  settings: OtlpSettings,
  { metrics: set, version, logger }: TelemetryOptions,
): Telemetry {
  const own = { "service.name": "exec-server", "service.version": version };
  const resource = resourceFromAttributes(own).merge(detectResources({ detectors: [envDetector] }));
  const exports = new Exports(logger);
  const scope = { name: "exec-server", version };
  const source = { set, resource, scope, intervalMs: settings.metricsMs };
  const metrics = settings.metrics ? new OtlpMetrics(source, exports) : undefined;
  const traces = settings.traces ? new OtlpTraces(resource, version, exports) : undefined;
  return {
    tracing: traces,
    async [Symbol.asyncDispose]() {
      const ended = Promise.all([metrics?.[Symbol.asyncDispose](), traces?.[Symbol.asyncDispose]()]);
      await deadline(ended, TELEMETRY_FLUSH_MS).catch(() => {}); // Whoever takes it may be gone.
    },
  };
}
