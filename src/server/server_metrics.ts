import type { Refusal } from "../endpoint/access.ts";
import { durationBounds, MetricSet } from "../observe/metric_set.ts";
import { measureProgram } from "../observe/program_metrics.ts";
import type { ProcessRegistry } from "../process/process_registry.ts";
import type { SessionRegistry } from "../session/session_registry.ts";
import type { Forwarding } from "./forwarding.ts";
import { measureProcesses } from "./process_metrics.ts";

/** The ways to a server. */
export type TransportName = "websocket" | "websocket_tls" | "unix" | "stdio";

/** How a request ended: as asked, refused for what was asked, or by a fault. */
export type RequestResult = "ok" | "refused" | "error";

/** What is refused to whoever wants to connect, by the status that says so. */
const refusals: Readonly<Record<Refusal["status"], string>> = {
  400: "host_missing",
  401: "credential",
  403: "origin_or_host",
  503: "no_room",
};

/** What a server tells of itself in numbers. It is made where somebody wants them. */
export class ServerMetrics implements Disposable {
  readonly set = new MetricSet();
  readonly #open = new Map<TransportName, number>();
  readonly #connections = this.set.counter(
    "exec_server_connections_total",
    "Connections, by whether they were accepted.",
    [],
  );
  readonly #refused = this.set.counter(
    "exec_server_access_refused_total",
    "Requests to connect, or to read metrics, that were refused, by why.",
    Object.values(refusals).map((reason) => ({ reason })),
  );
  readonly #duration = this.set.histogram(
    "exec_server_request_duration_seconds",
    "Seconds from the begin of a request to its answer.",
  );
  readonly #queued = this.set.histogram(
    "exec_server_request_queue_duration_seconds",
    "Seconds that a request waited for those before it.",
    durationBounds,
    [{}],
  );
  readonly #resumed = this.set.counter(
    "exec_server_sessions_resumed_total",
    "Sessions that a client came back to.",
  );
  readonly #program = measureProgram(this.set);

  constructor() {
    // Each is counted with its duration anyhow.
    this.set.observe(
      "exec_server_requests_total",
      "counter",
      "Requests, by method and how they ended.",
      () => this.#duration.distributions().map(({ labels, count }) => ({ labels, value: count })),
    );
    this.set.observe(
      "exec_server_connections_active",
      "gauge",
      "Connections that are open.",
      () => [...this.#open].map(([transport, value]) => ({ labels: { transport }, value })),
    );
  }

  /** Follows what a server has. */
  measure(processes: ProcessRegistry, sessions: SessionRegistry, forwarding: Forwarding): void {
    measureProcesses(this.set, processes);
    this.set.observe(
      "exec_server_forwarded_connections_active",
      "gauge",
      "Connections to ports of this machine that have not closed.",
      () => [{ value: forwarding.active }],
    );
    this.set.observe(
      "exec_server_forwarded_bytes_total",
      "counter",
      "Bytes of connections to ports: those that clients sent (in), and those that came from there (out).",
      () => Object.entries(forwarding.bytes).map(([direction, value]) => ({ labels: { direction }, value })),
    );
    this.set.observe(
      "exec_server_sessions_active",
      "gauge",
      "Sessions, by whether their client is connected.",
      () => {
        const { attached, detached } = sessions.counts;
        return [
          { labels: { attached: "true" }, value: attached },
          { labels: { attached: "false" }, value: detached },
        ];
      },
    );
  }

  opened(transport: TransportName): void {
    this.#open.set(transport, (this.#open.get(transport) ?? 0) + 1);
    this.#connections.add({ transport, result: "accepted" });
  }

  closed(transport: TransportName): void {
    this.#open.set(transport, this.#open.get(transport)! - 1);
  }

  refused(transport: TransportName, { status }: Refusal): void {
    this.#connections.add({ transport, result: "refused" });
    this.#refused.add({ reason: refusals[status] });
  }

  /** @param method one of the table, or `other` */
  requested(method: string, result: RequestResult, milliseconds: number): void {
    this.#duration.record(milliseconds / 1_000, { method, result });
  }

  waited(milliseconds: number): void {
    this.#queued.record(milliseconds / 1_000);
  }

  resumed(): void {
    this.#resumed.add();
  }

  [Symbol.dispose](): void {
    this.#program[Symbol.dispose]();
  }
}
