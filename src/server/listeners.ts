import type { Console } from "../console/console.ts";
import type { Downloads } from "../console/console_site.ts";
import { createApp } from "../endpoint/app.ts";
import { listenOn } from "../endpoint/listen_on.ts";
import { type Logger, unexpected } from "../observe/logger.ts";
import { prometheusText } from "../observe/prometheus_text.ts";
import type { Role } from "../protocol/roles.ts";
import type { HttpRuntime, ListenAddress, Listener, ListenOptions } from "../transport/listener.ts";
import type { MessageSocket } from "../transport/message_socket.ts";
import type { ServerMetrics, TransportName } from "./server_metrics.ts";
import type { ServingOptions } from "./server_options.ts";

/** What listeners need of their server. */
export interface ListenersOptions {
  readonly logger: Logger;
  readonly metrics: ServerMetrics | undefined;
  readonly console: Console | undefined;
  readonly downloads: Downloads;
  readonly accept: (
    socket: MessageSocket,
    role: Role,
    who: string | undefined,
    transport: TransportName,
  ) => Promise<void>;
  readonly isStopping: () => boolean;
  /** Whether no session may begin. */
  readonly isDraining: () => boolean;
  /** Why no further connection is taken just now, if so. */
  readonly refuseConnection: () => string | undefined;
}

/** The places where a server listens. */
export class Listeners {
  readonly #options: ListenersOptions;
  /** Where browsers find the console. */
  readonly consoleUrls: string[] = [];
  readonly #listeners: Listener[] = [];

  constructor(options: ListenersOptions) {
    this.#options = options;
  }

  /**
   * Listens for WebSocket connections, at one place more.
   *
   * @returns the URL, with the real port
   * @throws {Error} when the address or the socket cannot be had
   */
  async listen(
    runtime: HttpRuntime,
    where: ListenOptions,
    { tellsMetrics, offersConsole, ...access }: ServingOptions,
  ): Promise<string> {
    const { logger, metrics, console, downloads, accept, isStopping, isDraining, refuseConnection } = this
      .#options;
    const address = "address" in where ? where.address : undefined;
    const transport = transportOf(where);
    const app = createApp({
      access: () => ({ ...access, address }),
      upgrade: runtime.upgrade,
      clientNames: runtime.clientNames,
      accept: (socket, role, who) => accept(socket, role, who, transport),
      isStopping: () => isStopping() || isDraining(),
      console: console && offersConsole && { console, downloads, ...offersConsole },
      metrics: tellsMetrics ? () => this.#metricsText() : undefined,
      refuseConnection,
      onRefused: (refusal) => {
        const { status, reason } = refusal;
        metrics?.refused(transport, refusal);
        logger.info("connection refused", { status, reason });
      },
      onFailed: (error) => logger.error("request failed", unexpected(error)),
    });
    const { url, listener } = await listenOn(runtime, app, where, logger);
    this.#listeners.push(listener);
    if (console && offersConsole) this.consoleUrls.push(offersConsole.origin(url));
    return url;
  }

  /**
   * Tells metrics at a place of their own, for whoever reaches it.
   *
   * @returns their URL, with the real port
   * @throws {Error} when the address cannot be had
   */
  async tellMetrics(runtime: HttpRuntime, where: ListenAddress): Promise<string> {
    const { logger, isStopping } = this.#options;
    const { createMetricsApp } = await import("../endpoint/metrics_app.ts");
    const app = createMetricsApp({
      address: where.address,
      metrics: () => this.#metricsText(),
      isStopping,
      onFailed: (error) => logger.error("request failed", unexpected(error)),
    });
    const listener = await runtime.listen(app, where, logger);
    this.#listeners.push(listener);
    const host = where.address.includes(":") ? `[${where.address}]` : where.address;
    return `http://${host}:${listener.port}/metrics`;
  }

  /** Stops listening everywhere. */
  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }

  #metricsText(): string {
    const { metrics } = this.#options;
    return metrics === undefined ? "" : prometheusText(metrics.set.collect());
  }
}

function transportOf(where: ListenOptions): TransportName {
  if ("path" in where) return "unix";
  return where.tls ? "websocket_tls" : "websocket";
}
