/** The proxy of one process. */
import { lookup } from "node:dns/promises";
import { setTimeout } from "node:timers";
import type { Network, NetworkConnection, NetworkListener } from "../host/network.ts";
import { type CallShare, waitingCalls } from "../host/waiting_calls.ts";
import { NETWORK_PROXY_CONNECTIONS, NETWORK_PROXY_LOOKUP_MS } from "../limits.ts";
import type { Answer, Decision, ProxyRequest } from "./decision.ts";
import { Gate } from "./gate.ts";
import { serveHttp } from "./http_front.ts";
import { plainNetwork } from "./plain_network.ts";
import { type ProxyOptions, proxyPolicy } from "./policy.ts";
import { serveSocks } from "./socks_front.ts";
import { type ProxyPorts, proxyVariables } from "./variables.ts";

/** What a proxy is made of. */
export interface NetworkProxyOptions extends ProxyOptions {
  readonly hasSocks: boolean;
  /** Asks somebody about a host; undefined where nobody is to be asked. */
  readonly ask?: ((request: ProxyRequest) => Promise<Answer>) | undefined;
  /** Writes a decision down. Resolves when there is room for the next one. */
  readonly record: (decision: Decision) => Promise<void> | void;
  /** How it reaches others; by `node:net` by default. */
  readonly network?: Network | undefined;
  /** The addresses of a name; this machine's own resolver by default. */
  readonly resolve?: ((host: string) => Promise<readonly string[]>) | undefined;
}

/** The way a connection came. */
export type ProxyFront = "http" | "socks";

/** Lets a process out, as far as its policy says. It ends with the process. */
export class NetworkProxy {
  /** The fronts that it has. */
  readonly fronts: readonly ProxyFront[];
  readonly #gate: Gate;
  readonly #network: Network;
  readonly #allowsLocal: boolean;
  readonly #ended = new AbortController();
  readonly #connections = new Set<NetworkConnection>();
  readonly #listeners: NetworkListener[] = [];

  /** @throws {PatternError} for a policy that cannot be obeyed */
  constructor(options: NetworkProxyOptions) {
    const { ask, record, network = plainNetwork, resolve = resolver() } = options;
    this.fronts = options.hasSocks ? ["http", "socks"] : ["http"];
    this.#network = network;
    this.#allowsLocal = options.allowsLocal;
    const policy = proxyPolicy(options);
    this.#gate = new Gate({ policy, ask, record, resolve, network, signal: this.#ended.signal });
  }

  /**
   * Listens on the loopback address of this machine.
   *
   * @returns the variables that tell a process of it
   * @throws {Error} where there is no port
   */
  async listen(): Promise<Record<string, string>> {
    const ports: number[] = [];
    for (const front of this.fronts) {
      const listener = await this.#network.listen((connection) => this.serve(front, connection));
      this.#listeners.push(listener);
      ports.push(listener.port);
      if (this.#ended.signal.aborted) listener.close();
    }
    return this.variables({ http: ports[0]!, socks: ports[1] });
  }

  /** The variables that tell a process where it listens. */
  variables(ports: ProxyPorts): Record<string, string> {
    return proxyVariables(ports, this.#allowsLocal);
  }

  /** Serves a connection that was accepted for it. */
  serve(front: ProxyFront, connection: NetworkConnection): void {
    if (this.#ended.signal.aborted || this.#connections.size >= NETWORK_PROXY_CONNECTIONS) {
      return connection.destroy("reset");
    }
    this.#connections.add(connection);
    const served = front === "http" ? serveHttp(connection, this.#gate) : serveSocks(connection, this.#gate);
    void served.finally(() => this.#connections.delete(connection));
  }

  /** How many connections it serves. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Ends everything. Idempotent. */
  close(): void {
    this.#ended.abort(new Error("the process has ended"));
    for (const listener of this.#listeners.splice(0)) listener.close();
    for (const connection of this.#connections) connection.destroy("reset");
  }
}

/** Looks names up in a share of its own, so that names which take long hold up their own process alone. */
function resolver(): (host: string) => Promise<readonly string[]> {
  const lookups = waitingCalls.share();
  return (host) => lookUp(host, lookups);
}

/** None for a name that cannot be looked up in time. */
async function lookUp(host: string, lookups: CallShare): Promise<readonly string[]> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<[]>((resolve) => {
    timer = setTimeout(() => resolve([]), NETWORK_PROXY_LOOKUP_MS);
    timer.unref();
  });
  const found = lookups.run(() => lookup(host, { all: true })).then(
    (addresses) => [...new Set(addresses.map(({ address }) => address))],
    () => [],
  );
  try {
    return await Promise.race([found, late]);
  } finally {
    clearTimeout(timer);
  }
}
