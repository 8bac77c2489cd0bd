import type { Env, Hono } from "hono";
import { prometheusType } from "../observe/prometheus_text.ts";

/** What the probes and whoever reads metrics are told. */
export interface HealthOptions {
  /** Whether no further work is taken, so that others should be sent elsewhere. */
  readonly isStopping: () => boolean;
}

/** Answers whether the server lives (`/livez`, `/healthz`) and takes work (`/readyz`), without asking for anything. */
export function addProbes<E extends Env>(app: Hono<E>, { isStopping }: HealthOptions): void {
  for (const path of ["/livez", "/readyz", "/healthz"]) {
    app.get(path, (c) => c.text("", path === "/readyz" && isStopping() ? 503 : 200));
    app.all(path, (c) => c.text("", 405, { allow: "GET,HEAD" }));
  }
}

/** The header lines of an answer with metrics. */
export const metricsHeaders = { "content-type": prometheusType, "cache-control": "no-store" };
