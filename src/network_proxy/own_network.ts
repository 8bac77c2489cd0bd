/** A proxy as the only way out of a network of a process's own. */
import type { NetworkConnection } from "../host/network.ts";
import type { NetworkProxy } from "./network_proxy.ts";

/** Ports where nobody else listens, beyond those that are given to whoever asks for none. */
const [http, socks] = [61_128, 61_080];

/** The variables of the process, the ports of its loopback address that lead out, and who serves connections to them. */
export class OwnNetwork {
  readonly #proxy: NetworkProxy;

  constructor(proxy: NetworkProxy) {
    this.#proxy = proxy;
  }

  variables(): Record<string, string> {
    return this.#proxy.variables({ http, socks: this.#hasSocks ? socks : undefined });
  }

  ports(): readonly number[] {
    return this.#hasSocks ? [http, socks] : [http];
  }

  serve(port: number, connection: NetworkConnection): void {
    this.#proxy.serve(port === http ? "http" : "socks", connection);
  }

  get #hasSocks(): boolean {
    return this.#proxy.fronts.includes("socks");
  }
}
