/** What the fronts of a proxy ask before they connect, and whom they connect through. */
import { isIPv6 } from "node:net";
import type { Network, NetworkConnection } from "../host/network.ts";
import { NETWORK_PROXY_CONNECT_MS } from "../limits.ts";
import { decide, type Decision, type DecisionMaker, type ProxyRequest, type Ruling } from "./decision.ts";

/** A proxy of the machine's own that connections leave through. */
export interface UpstreamProxy {
  readonly address: string;
  readonly port: number;
}

/** What the gate is made of. */
export interface GateOptions extends DecisionMaker {
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
