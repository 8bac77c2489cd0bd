import type { TraceContext } from "../../protocol/schemas/trace.ts";
import { isFault, rpcFailure } from "../../protocol/rpc_failure.ts";
import type { Span, Tracing } from "../../observe/tracing.ts";
import type { Layer } from "../dispatcher.ts";
import { HeldResult } from "../handlers/handler.ts";

/** Traces every call of one connection, whose params are decoded. What a start causes belongs to its call. */
export function tracingLayer(tracing: Tracing): Layer {
  let ofConnection: TraceContext | undefined;
  return (call, next) => {
    const params = call.params as { readonly trace?: TraceContext } | undefined;
    if (call.name === "initialize") ofConnection ??= params?.trace;
    const span = tracing.begin(call.name, {
      kind: "server",
      parent: params?.trace ?? ofConnection,
      attributes: { "rpc.system": "jsonrpc", "rpc.method": call.name },
    });
    if (call.name === "process/start") call.params = { ...params, trace: span.context };
    try {
      const outcome = next();
      const result = outcome instanceof HeldResult ? outcome.result : outcome;
      if (result instanceof Promise) result.then(() => succeeded(span), (error) => failed(span, error));
      else succeeded(span);
      return outcome;
    } catch (error) {
      failed(span, error);
      throw error;
    }
  };
}

function succeeded(span: Span): void {
  span.end({ isFault: false });
}

/** The error's text may hold what a client sent. */
function failed(span: Span, error: unknown): void {
  span.end({ isFault: isFault(error), attributes: { "rpc.jsonrpc.error_code": rpcFailure(error).code } });
}
