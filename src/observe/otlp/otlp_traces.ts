import {
  type Context,
  createTraceState,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
// @ts-types="./exporters.d.ts"
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import type { Resource } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { TRACE_STATE_CHARS } from "../../limits.ts";
import { parseTraceparent, type Span, type SpanOptions, type TraceParent, type Tracing } from "../tracing.ts";
import type { Exports } from "./exports.ts";

/** Sends what began and ended, in batches. While they are not taken, some are kept, and then left out. */
export class OtlpTraces implements Tracing, AsyncDisposable {
  readonly #provider: BasicTracerProvider;
  readonly #tracer: Tracer;

  constructor(resource: Resource, version: string, exports: Exports) {
    const exporter = new TellingExporter(exports);
    this.#provider = new BasicTracerProvider({
      resource,
      spanProcessors: [new BatchSpanProcessor(exporter)],
    });
    this.#tracer = this.#provider.getTracer("exec-server", version);
  }

  begin(name: string, { parent, kind, attributes }: SpanOptions): Span {
    const span = this.#tracer.startSpan(
      name,
      { kind: kind === "server" ? SpanKind.SERVER : SpanKind.INTERNAL, attributes },
      parent ? contextOf(parent) : ROOT_CONTEXT,
    );
    const { traceId, spanId, traceFlags, traceState } = span.spanContext();
    const flags = traceFlags.toString(16).padStart(2, "0");
    return {
      context: {
        traceparent: `00-${traceId}-${spanId}-${flags}`,
        tracestate: traceState?.serialize() || undefined,
      },
      end({ isFault, attributes = {} }) {
        span.setAttributes(attributes);
        if (isFault) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    };
  }

  /** Sends what is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#provider.shutdown();
  }
}

/** The SDK's own, which says what became of each batch. */
class TellingExporter extends OTLPTraceExporter {
  readonly #exports: Exports;

  constructor(exports: Exports) {
    super();
    this.#exports = exports;
  }

  override export(...[spans, ended]: Parameters<OTLPTraceExporter["export"]>): void {
    super.export(spans, (result) => {
      this.#exports.ended("traces", result);
      ended(result);
    });
  }
}

function contextOf({ traceparent, tracestate }: TraceParent): Context {
  const parsed = parseTraceparent(traceparent);
  if (!parsed) return ROOT_CONTEXT;
  const traceState = tracestate !== undefined && tracestate.length <= TRACE_STATE_CHARS
    ? createTraceState(tracestate)
    : undefined;
  return trace.setSpanContext(ROOT_CONTEXT, { ...parsed, isRemote: true, traceState });
}
