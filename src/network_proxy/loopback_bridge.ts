/** Proxies of the client's own that a process with a network of its own is to reach: those of its variables. */
import type { Network, NetworkConnection } from "../host/network.ts";
import { NETWORK_PROXY_CONNECT_MS, NETWORK_PROXY_CONNECTIONS } from "../limits.ts";
import { ByteReader } from "./byte_reader.ts";
import { plainNetwork } from "./plain_network.ts";
import { relay } from "./relay.ts";
import { proxyNames } from "./variables.ts";

/** Ports below it take a right that a confined process does not have. */
const firstFreePort = 1_024;
/** Where it finds those that it cannot find by their own ports. */
const otherPorts = 61_200;

interface Place {
  readonly address: string;
  readonly port: number;
}

/** Passes connections on to ports of this machine's loopback address, as they are. */
export class LoopbackBridge {
  /** The variables of the process, where they must differ from those that it was to have. */
  readonly variables: Readonly<Record<string, string>>;
  readonly #places = new Map<number, Place>();
  readonly #network: Network;
  readonly #ended = new AbortController();
  readonly #connections = new Set<NetworkConnection>();

  /** @param given the variables that the process is to have */
  constructor(given: Readonly<Record<string, string>>, network: Network = plainNetwork) {
    this.#network = network;
    this.variables = Object.fromEntries(proxyNames.flatMap((name) => {
      const url = given[name];
      const place = url === undefined ? undefined : loopbackPlace(url);
      return place ? [[name, rewritten(url!, this.#portFor(place))]] : [];
    }));
  }

  /** The ports at which the process reaches them; none where its variables name none. */
  get ports(): readonly number[] {
    return [...this.#places.keys()];
  }

  /** Serves a connection to one of its ports. */
  serve(port: number, connection: NetworkConnection): void {
    if (this.#ended.signal.aborted || this.#connections.size >= NETWORK_PROXY_CONNECTIONS) {
      return connection.destroy("reset");
    }
    this.#connections.add(connection);
    void this.#pass(this.#places.get(port)!, connection).finally(() => this.#connections.delete(connection));
  }

  /** Ends everything. Idempotent. */
  close(): void {
    this.#ended.abort(new Error("the process has ended"));
    for (const connection of this.#connections) connection.destroy("reset");
  }

  async #pass({ address, port }: Place, connection: NetworkConnection): Promise<void> {
    const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(NETWORK_PROXY_CONNECT_MS)]);
    const target = await this.#network.connect(address, port, signal).catch(() => undefined);
    if (!target) return connection.destroy("reset");
    await relay(new ByteReader(connection), connection, target);
  }

  #portFor(place: Place): number {
    for (const [port, { address, port: other }] of this.#places) {
      if (address === place.address && other === place.port) return port;
    }
    const isFree = place.port >= firstFreePort && !this.#places.has(place.port);
    const port = isFree ? place.port : otherPorts + this.#places.size;
    this.#places.set(port, place);
    return port;
  }
}

/** Undefined for one that is elsewhere. */
function loopbackPlace(text: string): Place | undefined {
  const url = text.includes("://") ? text : `http://${text}`;
  if (!URL.canParse(url)) return undefined;
  const { hostname, port } = new URL(url.replace(/^[a-z0-9+.-]+:/i, "http:"));
  const address = hostname === "[::1]"
    ? "::1"
    : /^(localhost|127\.\d+\.\d+\.\d+)$/.test(hostname)
    ? hostname
    : undefined;
  if (address === undefined) return undefined;
  return {
    address: address === "localhost" ? "127.0.0.1" : address,
    port: Number(port || defaultPort(text)),
  };
}

function defaultPort(text: string): number {
  if (/^socks/i.test(text)) return 1_080;
  return /^https:/i.test(text) ? 443 : 80;
}

/** Nothing but where it is. */
function rewritten(url: string, port: number): string {
  return url.replace(
    /^([a-z0-9+.-]+:\/\/)?((?:[^/?#@]*@)?)[^/?#]*/i,
    (_, scheme = "", user) => `${scheme}${user}127.0.0.1:${port}`,
  );
}
