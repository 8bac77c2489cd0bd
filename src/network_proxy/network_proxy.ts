/** The proxy of one process. */
import { lookup } from "node:dns/promises";
import { setTimeout } from "node:timers";
import type { Network, NetworkConnection, NetworkListener } from "../host/network.ts";
import { type CallShare, waitingCalls } from "../host/waiting_calls.ts";
import { NETWORK_PROXY_CONNECTIONS, NETWORK_PROXY_LOOKUP_MS } from "../limits.ts";
import type { Answer, Decision, ProxyRequest } from "./decision.ts";
import { serveCaught, serveNames } from "./caught_front.ts";
import { Gate, type UpstreamProxy } from "./gate.ts";
import { serveHttp } from "./http_front.ts";
import { plainNetwork } from "./plain_network.ts";
import { type ProxyOptions, proxyPolicy } from "./policy.ts";
import { serveSocks } from "./socks_front.ts";
import { nameAnswer } from "./name_answer.ts";
import { StandInNames } from "./stand_in_names.ts";
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
  /** The proxy that connections without a protocol of their own leave through; none by default. */
  readonly upstream?: UpstreamProxy | undefined;
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
  /** The names that connections which are caught were to lead to. */
  readonly #names = new StandInNames();

  /** @throws {PatternError} for a policy that cannot be obeyed */
  constructor(options: NetworkProxyOptions) {
    const { ask, record, network = plainNetwork, upstream, resolve = resolver() } = options;
    this.fronts = options.hasSocks ? ["http", "socks"] : ["http"];
    this.#network = network;
    this.#allowsLocal = options.allowsLocal;
    const policy = proxyPolicy(options);
    this.#gate = new Gate({ policy, ask, record, resolve, network, upstream, signal: this.#ended.signal });
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
    const serve = front === "http" ? serveHttp : serveSocks;
    this.#take(connection, () => serve(connection, this.#gate));
  }

  /** Serves a connection that was to lead elsewhere; undefined where it was to lead here. */
  serveCaught(
    destination: { address: string; port: number } | undefined,
    connection: NetworkConnection,
  ): void {
    this.#take(connection, () => serveCaught(connection, { destination, names: this.#names }, this.#gate));
  }

  /** Serves a connection that asks for names. */
  serveNames(connection: NetworkConnection): void {
    this.#take(connection, () => serveNames(connection, this.#names));
  }

  /** Answers a question for a name; undefined for what is none. */
  answerName(question: Uint8Array): Uint8Array | undefined {
    return nameAnswer(question, this.#names);
  }

  #take(connection: NetworkConnection, serve: () => Promise<void>): void {
    if (this.#ended.signal.aborted || this.#connections.size >= NETWORK_PROXY_CONNECTIONS) {
      return connection.destroy("reset");
    }
    this.#connections.add(connection);
    void serve().finally(() => this.#connections.delete(connection));
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
