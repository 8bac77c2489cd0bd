import { isLoopback } from "../endpoint/access.ts";
import type { MetricSet } from "../observe/metric_set.ts";
import type { RenewedFiles } from "../tls/renewed_files.ts";
import type { ListenAddress } from "../transport/listener.ts";
import { parseListen } from "./listen_place.ts";
import { UsageError } from "./usage_error.ts";

/** The flag of `serve` for metrics. */
export const metricsFlags = {
  "metrics": {
    value: "here|http://IP:PORT",
    complete: ["here", "http://127.0.0.1:9464"],
    help:
      "Tell metrics at /metrics: wherever it listens, for what it asks there, or at a loopback address, for nothing",
  },
} as const;

/**
 * Where metrics are told; undefined for nowhere.
 *
 * @throws {UsageError} for a place that is none, or that others than this machine reach
 */
export function parseMetrics(text: string | undefined): "here" | ListenAddress | undefined {
  if (text === undefined || text === "here") return text;
  const address = /^http:\/\/([^/]+)(?:\/|\/metrics)?$/.exec(text)?.[1];
  const place = address === undefined ? undefined : parsePlace(`ws://${address}`);
  if (place === undefined) {
    throw new UsageError(`--metrics takes here, or http://IP:PORT with a literal IP address, not "${text}"`);
  }
  if (isLoopback(place.address)) return place;
  throw new UsageError(
    `--metrics ${text} would tell them to the network: --metrics here tells them where it listens, for a token`,
  );
}

function parsePlace(text: string): ListenAddress | undefined {
  try {
    const place = parseListen(text);
    return place !== "stdio" && "address" in place ? { address: place.address, port: place.port } : undefined;
  } catch {
    return undefined;
  }
}

/** Measures the certificates that a server shows. */
export function measureCertificates(metrics: MetricSet, certificates: readonly RenewedFiles[]): void {
  if (certificates.length === 0) return;
  metrics.observe(
    "exec_server_tls_certificate_expiry_seconds",
    "gauge",
    "Seconds until the first of the certificates runs out.",
    () => [{ value: (Math.min(...certificates.map(({ expiresAtMs }) => expiresAtMs)) - Date.now()) / 1_000 }],
  );
  metrics.observe(
    "exec_server_tls_reloads_total",
    "counter",
    "How often certificates were read anew, by whether they could be taken.",
    () =>
      (["success", "failure"] as const).map((result) => ({
        labels: { result },
        value: certificates.reduce((sum, { reloads }) => sum + reloads[result], 0),
      })),
  );
}
