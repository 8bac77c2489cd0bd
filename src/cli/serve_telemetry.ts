import process from "node:process";
import type { Logger } from "../observe/logger.ts";
import { type OtlpSettings, otlpSettings } from "../observe/otlp/otlp_settings.ts";
import type { Telemetry } from "../observe/otlp/telemetry.ts";
import type { ServerMetrics } from "../server/server_metrics.ts";
import { version } from "../version.ts";
import { UsageError } from "./usage_error.ts";

/** The flag of `serve` for traces. */
export const traceFlags = {
  "trace-children": {
    help:
      "Tell processes by TRACEPARENT and TRACESTATE which trace they belong to, where OTEL_EXPORTER_OTLP_ENDPOINT says " +
      "who is told of traces",
  },
} as const;

/**
 * What leaves by OTLP; undefined for nothing.
 *
 * @throws {UsageError} where children are to be told of traces, and there are none
 */
export function readTelemetry(flags: { readonly "trace-children": boolean }): OtlpSettings | undefined {
  const settings = otlpSettings(process.env);
  if (flags["trace-children"] && !settings?.traces) {
    throw new UsageError(
      "--trace-children needs traces: name who takes them by OTEL_EXPORTER_OTLP_ENDPOINT=http://HOST:4318",
    );
  }
  return settings;
}

/** Begins to send it. What that takes is loaded here. */
export async function openTelemetry(
  settings: OtlpSettings | undefined,
  metrics: ServerMetrics | undefined,
  logger: Logger,
): Promise<Telemetry | undefined> {
  if (!settings || !metrics) return undefined;
  if (/grpc/i.test(process.env.OTEL_EXPORTER_OTLP_PROTOCOL ?? "")) {
    logger.warn("telemetry goes by HTTP", { reason: "OTEL_EXPORTER_OTLP_PROTOCOL=grpc is not spoken here" });
  }
  const { openTelemetry } = await import("../observe/otlp/telemetry.ts");
  const { traces, metrics: sendsMetrics } = settings;
  logger.info("telemetry sent", { traces, metrics: sendsMetrics });
  return openTelemetry(settings, { metrics: metrics.set, version, logger });
}
