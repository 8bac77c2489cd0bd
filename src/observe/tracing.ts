/** Which trace something belongs to, and what it was caused by there: as W3C's Trace Context has it in headers. */
export interface TraceParent {
  readonly traceparent: string;
  readonly tracestate?: string | undefined;
}

/** How something ended, with numbers and fixed words only. */
export interface SpanEnd {
  /** Whether it ended by a fault. */
  readonly isFault: boolean;
  readonly attributes?: Readonly<Record<string, string | number>>;
}

/** Something that has begun. */
export interface Span {
  /** For what it causes. */
  readonly context: TraceParent;
  end(how: SpanEnd): void;
}

/** How something begins. */
export interface SpanOptions {
  readonly parent: TraceParent | undefined;
  /** `server` for what somebody else waits for. */
  readonly kind: "server" | "internal";
  /** Numbers and fixed words: never what a client has made up. */
  readonly attributes?: Readonly<Record<string, string | number>>;
}

/** Tells how long things took, and what caused them. */
export interface Tracing {
  begin(name: string, options: SpanOptions): Span;
}

/** The parts of a parent's header; undefined for what is none, which then counts nothing. */
export function parseTraceparent(text: string) {
  const [, version, traceId, spanId, flags] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/.exec(text) ?? [];
  if (version === undefined || version === "ff" || (version === "00" && text.length !== 55)) return undefined;
  if (/^0+$/.test(traceId!) || /^0+$/.test(spanId!)) return undefined;
  return { traceId: traceId!, spanId: spanId!, traceFlags: parseInt(flags!, 16) };
}
