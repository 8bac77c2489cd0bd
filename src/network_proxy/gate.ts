/** What the fronts of a proxy ask before they connect, and whom they connect through. */
import { isIP, isIPv6 } from "node:net";
import { clearTimeout, setTimeout } from "node:timers";
import type { Network, NetworkConnection } from "../host/network.ts";
import { NETWORK_PROXY_CONNECT_MS, NETWORK_PROXY_HEAD_BYTES } from "../limits.ts";
import { ByteReader } from "./byte_reader.ts";
import { decide, type Decision, type DecisionMaker, type ProxyRequest, type Ruling } from "./decision.ts";
import type { Authority } from "./host_name.ts";

/** A proxy that connections without a protocol of their own leave through, by CONNECT. */
export type UpstreamProxy = Authority;

/** A connection, and what has already come of it. */
export interface RawConnection {
  readonly connection: NetworkConnection;
  readonly early: Uint8Array | undefined;
}

/** What the gate is made of. */
export interface GateOptions extends DecisionMaker {
  /** None by default. */
  readonly upstream?: UpstreamProxy | undefined;
  readonly network: Network;
  /** Aborted when the proxy has ended. */
  readonly signal: AbortSignal;
}

/** The one way out of a proxy: nothing is connected to that was not decided about. */
export class Gate {
  readonly #options: GateOptions;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Aborted when the proxy has ended. */
  get signal(): AbortSignal {
    return this.#options.signal;
  }

  decide(request: ProxyRequest): Promise<Ruling> {
    return decide(request, this.#options);
  }

  /** Writes down what was decided elsewhere. */
  record(decision: Decision): Promise<void> | void {
    return this.#options.record(decision);
  }

  /**
   * Connects for whoever speaks whatever protocol: by the proxy that this is to leave through, where there is one, which
   * looks the name up again.
   *
   * @param addresses of a ruling about the target
   * @throws {Error} where it does not answer in time
   */
  async connectRaw({ host, port }: Authority, addresses: readonly string[]): Promise<RawConnection> {
    const { upstream, resolve } = this.#options;
    if (!upstream) return { connection: await this.connect(addresses, port), early: undefined };
    const found = isIP(upstream.host) ? [upstream.host] : await resolve(upstream.host);
    const connection = await this.connect(found, upstream.port);
    const giveUp = setTimeout(() => connection.destroy("reset"), NETWORK_PROXY_CONNECT_MS);
    try {
      const reader = new ByteReader(connection);
      const target = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
      await connection.write(
        new TextEncoder().encode(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n\r\n`),
      );
      const head = await reader.readHead(NETWORK_PROXY_HEAD_BYTES);
      if (!/^HTTP\/1\.[01] 2\d\d(?: |\r|\n|$)/.test(head ?? "")) {
        throw new Error("the upstream proxy refuses");
      }
      return { connection, early: reader.takeRest() };
    } catch (error) {
      connection.destroy("reset");
      throw error;
    } finally {
      clearTimeout(giveUp);
    }
  }

  /**
   * Connects to the first address that answers, one after the other.
   *
   * @param addresses of a ruling: they were checked, and no name is looked up again
   * @throws {Error} where none does in time
   */
  async connect(addresses: readonly string[], port: number): Promise<NetworkConnection> {
    const { network, signal } = this.#options;
    const deadline = AbortSignal.timeout(NETWORK_PROXY_CONNECT_MS);
    const given = AbortSignal.any([signal, deadline]);
    let failure: unknown = new Error("the host has no address");
    // IPv4 first: where there is no way to the other, it may take long to find out.
    for (const address of [...addresses].sort((one, other) => Number(isIPv6(one)) - Number(isIPv6(other)))) {
      try {
        return await network.connect(address, port, given);
      } catch (error) {
        failure = error;
        if (given.aborted) break;
      }
    }
    throw failure;
  }
}
