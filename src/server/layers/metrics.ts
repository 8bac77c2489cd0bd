import { isFault } from "../../protocol/rpc_failure.ts";
import type { Layer } from "../dispatcher.ts";
import { HeldResult } from "../handlers/handler.ts";
import type { RequestResult, ServerMetrics } from "../server_metrics.ts";

/** Counts every call, and how long it took. */
export function metricsLayer(metrics: ServerMetrics): Layer {
  return (call, next) => {
    const began = performance.now();
    const ended = (result: RequestResult) => metrics.requested(call.name, result, performance.now() - began);
    return tellEnd(next, ended);
  };
}

function tellEnd(next: () => unknown, ended: (result: RequestResult) => void): unknown {
  try {
    const outcome = next();
    const result = outcome instanceof HeldResult ? outcome.result : outcome;
    if (result instanceof Promise) result.then(() => ended("ok"), (error) => ended(failure(error)));
    else ended("ok");
    return outcome;
  } catch (error) {
    ended(failure(error));
    throw error;
  }
}

function failure(error: unknown): RequestResult {
  return isFault(error) ? "error" : "refused";
}
