// @ts-types="./exporters.d.ts"
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import type { HrTime } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import { AggregationTemporality, DataPointType } from "@opentelemetry/sdk-metrics";
import { unref } from "../../unref.ts";
import type { Distribution, Metric, MetricSet } from "../metric_set.ts";
import type { Exports } from "./exports.ts";

type ResourceMetrics = Parameters<OTLPMetricExporter["export"]>[0];
type MetricData = ResourceMetrics["scopeMetrics"][number]["metrics"][number];

/** What all that is sent has in common. */
export interface MetricsSource {
  readonly set: MetricSet;
  readonly resource: Resource;
  readonly scope: ResourceMetrics["scopeMetrics"][number]["scope"];
  /** Milliseconds between two times. */
  readonly intervalMs: number;
}

/** Sends a set of metrics now and then, as they are at that moment. A time that comes while one is sent is left out. */
export class OtlpMetrics implements AsyncDisposable {
  readonly #source: MetricsSource;
  readonly #exports: Exports;
  readonly #exporter = new OTLPMetricExporter();
  readonly #began: HrTime = now();
  readonly #timer: ReturnType<typeof setInterval>;
  #sending: Promise<void> | undefined;

  constructor(source: MetricsSource, exports: Exports) {
    this.#source = source;
    this.#exports = exports;
    this.#timer = unref(setInterval(() => void this.#send(), source.intervalMs));
  }

  #send(): Promise<void> {
    return this.#sending ??= new Promise<void>((resolve) => {
      this.#exporter.export(this.#collect(), (result) => {
        this.#exports.ended("metrics", result);
        resolve();
      });
    }).finally(() => this.#sending = undefined);
  }

  #collect(): ResourceMetrics {
    const { set, resource, scope } = this.#source;
    const times = { startTime: this.#began, endTime: now() };
    return {
      resource,
      scopeMetrics: [{ scope, metrics: set.collect().map((metric) => dataOf(metric, times)) }],
    };
  }

  /** Sends them once more. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#sending;
    await this.#send();
    await this.#exporter.shutdown();
  }
}

type Times = { readonly startTime: HrTime; readonly endTime: HrTime };

function dataOf(metric: Metric, times: Times): MetricData {
  const base = {
    descriptor: { name: metric.name, description: metric.help, unit: unitOf(metric.name), valueType: 1 },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  if (metric.kind === "histogram") {
    const dataPoints = metric.distributions.map((distribution) => ({
      ...times,
      attributes: distribution.labels,
      value: histogramOf(metric.bounds, distribution),
    }));
    return { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints };
  }
  const dataPoints = metric.samples.map(({ labels = {}, value }) => ({
    ...times,
    attributes: labels,
    value,
  }));
  return metric.kind === "gauge"
    ? { ...base, dataPointType: DataPointType.GAUGE, dataPoints }
    : { ...base, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
}

function histogramOf(bounds: readonly number[], { counts, sum, count }: Distribution) {
  const within = counts.reduce((total, one) => total + one, 0);
  return { buckets: { boundaries: [...bounds], counts: [...counts, count - within] }, sum, count };
}

/** The names say it. */
function unitOf(name: string): string {
  const [, unit] = /_(seconds|bytes)(?:_total)?$/.exec(name) ?? [];
  return unit === "seconds" ? "s" : unit === "bytes" ? "By" : "";
}

function now(): HrTime {
  const milliseconds = Date.now();
  return [Math.floor(milliseconds / 1_000), (milliseconds % 1_000) * 1_000_000];
}
