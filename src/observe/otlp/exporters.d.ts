/**
 * What is used of the exporters. Their own declarations speak of Node's modules, and would have all of this program
 * checked against Node's types in place of its runtimes'.
 */
import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";

/** How something was sent: 0 for taken. */
interface ExportResult {
  readonly code: number;
  readonly error?: Error;
}

declare class Exporter<Sent> {
  export(sent: Sent, ended: (result: ExportResult) => void): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

export declare class OTLPMetricExporter extends Exporter<ResourceMetrics> {}
export declare class OTLPTraceExporter extends Exporter<ReadableSpan[]> {}
