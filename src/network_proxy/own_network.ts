/** A proxy as the only way out of a network of a process's own. */
import type { CaughtNetwork } from "../host/child_process.ts";
import type { NetworkConnection } from "../host/network.ts";
import type { NetworkProxy } from "./network_proxy.ts";

/** Ports where nobody else listens, beyond those that are given to whoever asks for none. */
const [http, socks] = [61_128, 61_080];

/** How it is looked after. */
export interface OwnNetworkOptions {
  /** Whether what asks no proxy is served all the same; false by default. */
  readonly isTransparent?: boolean;
}

/** The variables of the process, the ports of its loopback address that lead out, and who serves connections to them. */
export class OwnNetwork {
  /** Looks after what asks no proxy; undefined where that leads nowhere. */
  readonly caught: CaughtNetwork | undefined;
  readonly #proxy: NetworkProxy;

  constructor(proxy: NetworkProxy, { isTransparent = false }: OwnNetworkOptions = {}) {
    this.#proxy = proxy;
    this.caught = isTransparent ? caughtBy(proxy) : undefined;
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

function caughtBy(proxy: NetworkProxy): CaughtNetwork {
  return {
    connect: (destination, connection) => proxy.serveCaught(destination, connection),
    askByStream: (connection) => proxy.serveNames(connection),
    answer: (question) => proxy.answerName(question),
  };
}
