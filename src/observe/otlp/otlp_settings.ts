import { OTLP_METRICS_MS } from "../../limits.ts";

/** What is sent by OTLP. */
export interface OtlpSettings {
  readonly traces: boolean;
  readonly metrics: boolean;
  /** Milliseconds between two times that metrics are sent. */
  readonly metricsMs: number;
}

/** What the variables of OpenTelemetry ask for; undefined for nothing. */
export function otlpSettings(
  environment: Readonly<Record<string, string | undefined>>,
): OtlpSettings | undefined {
  const isSet = (name: string) => (environment[name] ?? "").trim() !== "";
  if (environment.OTEL_SDK_DISABLED?.trim().toLowerCase() === "true") return undefined;
  const wants = (signal: "TRACES" | "METRICS") =>
    (isSet("OTEL_EXPORTER_OTLP_ENDPOINT") || isSet(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`)) &&
    environment[`OTEL_${signal}_EXPORTER`]?.trim().toLowerCase() !== "none";
  const [traces, metrics] = [wants("TRACES"), wants("METRICS")];
  if (!traces && !metrics) return undefined;
  const interval = Number(environment.OTEL_METRIC_EXPORT_INTERVAL);
  return { traces, metrics, metricsMs: interval >= 1 && interval < 2 ** 31 ? interval : OTLP_METRICS_MS };
}
