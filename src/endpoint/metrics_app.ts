import { Hono } from "hono";
import { type AccessOptions, refuseOrigin } from "./access.ts";
import { addProbes, type HealthOptions, metricsHeaders } from "./health.ts";

/** What a listener for metrics alone needs. */
export interface MetricsAppOptions extends HealthOptions {
  /** Its own address, an IP literal. */
  readonly address: string;
  /** The text that is read. */
  readonly metrics: () => string;
  /** Told of a request whose handling failed: a fault of this program. */
  readonly onFailed: (error: unknown) => void;
}

/** Metrics and probes on a listener of their own, which asks for nothing; pages of browsers are refused all the same. */
export function createMetricsApp({ address, metrics, onFailed, ...health }: MetricsAppOptions): Hono {
  const access: AccessOptions = { address, allowedOrigins: [], allowedHosts: [], bearer: undefined };
  const app = new Hono();
  app.use(async (c, next) => {
    const refusal = refuseOrigin(c.req.raw.headers, access);
    if (refusal) return c.text(refusal.body, refusal.status);
    await next();
  });
  addProbes(app, health);
  app.get("/metrics", (c) => c.body(metrics(), 200, metricsHeaders));
  app.all("/metrics", (c) => c.text("", 405, { allow: "GET,HEAD" }));
  app.onError((error, c) => {
    onFailed(error);
    return c.text("", 500);
  });
  return app;
}
