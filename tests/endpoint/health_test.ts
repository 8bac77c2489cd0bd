import { deepEqual, equal } from "node:assert/strict";
import { createMetricsApp } from "../../src/endpoint/metrics_app.ts";

let isStopping = false;
const app = createMetricsApp({
  address: "127.0.0.1",
  metrics: () => "a 1\n",
  isStopping: () => isStopping,
  onFailed: () => {},
});
const get = (path: string, headers: Record<string, string> = {}) =>
  app.request(path, { headers: { host: "localhost", ...headers } });

Deno.test("a server that stops lives and is not ready", async () => {
  const statuses = () =>
    Promise.all(["/livez", "/readyz", "/healthz"].map(async (path) => (await get(path)).status));
  deepEqual(await statuses(), [200, 200, 200]);
  isStopping = true;
  deepEqual(await statuses(), [200, 503, 200]);
});

Deno.test("metrics are told to this machine, and to no page of a browser", async () => {
  const answer = await get("/metrics");
  equal(await answer.text(), "a 1\n");
  equal(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  equal((await get("/metrics", { host: "evil.example" })).status, 403);
  equal((await get("/metrics", { origin: "https://evil.example" })).status, 403);
  equal((await app.request("/metrics", { method: "POST", headers: { host: "localhost" } })).status, 405);
  equal((await get("/")).status, 404);
});
