import type { AccessOptions } from "../endpoint/access.ts";
import type { Console } from "../console/console.ts";
import type { Host } from "../host/host.ts";
import type { ProcessLimits } from "../host/process_limits.ts";
import type { Logger } from "../observe/logger.ts";
import type { Recorder } from "../recording/recorder.ts";
import type { Spool } from "../spool/spool.ts";
import type { NetworkOptions } from "./handlers/managed_network.ts";
import type { ForwardingOptions } from "./forwarding.ts";
import type { ServerMetrics } from "./server_metrics.ts";
import type { ProcessTracing } from "./traced_start.ts";

/** What a server is made of. */
export interface ServerOptions {
  /** The machine that it serves. */
  readonly host: Host;
  readonly logger: Logger;
  /** Where output goes that memory has no room for; it is removed with the server. */
  readonly spool?: Spool | undefined;
  /** Records what processes print. */
  readonly recorder?: Recorder | undefined;
  /** Requests of one connection served at once; 1 by default. */
  readonly concurrentRequests?: number | undefined;
  /** Whether only processes may be started whose files are confined; false by default. */
  readonly requiresSandbox?: boolean | undefined;
  /** How the networks of processes are looked after; as their clients ask by default. */
  readonly processNetworks?: Omit<NetworkOptions, "network"> | undefined;
  /** Whether clients with other credentials have no part in a client's processes; false by default. */
  readonly isolatesSessions?: boolean | undefined;
  /** Which ports of this machine are connected to; all of its loopback addresses by default. */
  readonly forwarding?: ForwardingOptions | undefined;
  /** Milliseconds between pings; `PING_INTERVAL_MS` by default. */
  readonly pingIntervalMs?: number | undefined;
  /** Where what happens is counted, if anywhere. */
  readonly metrics?: ServerMetrics | undefined;
  /** How calls and processes are traced; not at all by default. */
  readonly processTracing?: ProcessTracing | undefined;
  /** What no process may use more of, whatever its client asks for; nothing by default. */
  readonly ceilings?: ProcessLimits | undefined;
  /** The logins of a web console, where one is offered. */
  readonly console?: Console | undefined;
  /** Called before the first process is started, which waits for it. */
  readonly prepare?: (() => Promise<void>) | undefined;
}

/** Where a server listens, and what it tells there. */
export interface ServingOptions extends Omit<AccessOptions, "address"> {
  /** Set where browsers find the web console there. */
  readonly offersConsole?: {
    /** Whether they come by TLS, this server's own or that of a proxy. */
    readonly isSecure: boolean;
    /** Where they find it, by the URL of the endpoint there. */
    readonly origin: (url: string) => string;
  } | undefined;
  /** Whether metrics are told there to whoever may connect; false by default. */
  readonly tellsMetrics?: boolean | undefined;
}
