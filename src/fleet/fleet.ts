import { ConnectionError, type Connector, type Transport } from "../transport/transport.ts";
import { Broker, type BrokerAddress } from "./broker.ts";
import { hostConnector, type HostConnectorOptions } from "./host_connector.ts";
import type { HostReport } from "./host_report.ts";
import { discoverHosts, findHost } from "./hosts.ts";
import type { HostAddress } from "./host_connector.ts";
import { hasLabels, readLabels } from "./labels.ts";

/** Where a fleet meets, and who this program is there. */
export interface FleetAddress {
  /** The broker's URL, `nats://HOST:PORT` or `tls://HOST:PORT`, or those of all its servers. */
  readonly servers: string | readonly string[];
  /** The path of a file of credentials, as `exec-server fleet add-client` writes it. */
  readonly credentials?: string | undefined;
  /** The path of a PEM file of authorities that are trusted beside those of this machine. */
  readonly authorities?: string | undefined;
}

/** A host of a fleet, as it tells of itself. */
export interface FleetHost extends Readonly<Omit<HostReport, "v" | "instance">> {}

/** Which hosts are asked for; all by default. */
export interface HostsOptions {
  readonly group?: string | undefined;
  /** Labels that they all have, each `NAME` or `NAME=VALUE`. */
  readonly labels?: readonly string[] | undefined;
}

/** A fleet, by one connection to its broker. */
export class FleetOfHosts implements AsyncDisposable {
  readonly #broker: Broker;

  protected constructor(broker: Broker) {
    this.#broker = broker;
  }

  /** The hosts that are there just now, by their names. */
  async hosts({ group, labels = [] }: HostsOptions = {}): Promise<FleetHost[]> {
    const wanted = readLabels(labels);
    const found = await discoverHosts(this.#broker, group);
    return found.filter((host) => hasLabels(host.labels, wanted))
      .map(({ v: _version, instance: _instance, ...host }) => host);
  }

  /**
   * The way to one host. It is chosen with the first connection, and stays the same for those after it.
   *
   * @param host `GROUP/NAME`, `NAME`, or labels such as `gpu,zone=eu`, of which the least busy host is taken
   */
  connector(host: string, options: HostConnectorOptions = {}): Connector {
    return chosenOnce(host, options, (use) => use(this.#broker));
  }

  /** Ends the connection to the broker, and with it all that go by it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker[Symbol.asyncDispose]();
  }
}

/** Connects to the broker of a fleet. @throws {ConnectionError} when it cannot be reached, or does not let this program in */
export async function connectBroker(address: FleetAddress): Promise<Broker> {
  try {
    return await Broker.connect(brokerAddress(address), "exec-server client");
  } catch (error) {
    throw error instanceof TypeError
      ? error
      : new ConnectionError((error as Error).message, { cause: error });
  }
}

/**
 * The way to one host of a fleet, for a program that needs no other: each connection has one of its own to the broker,
 * which ends with it.
 *
 * @param host as for {@linkcode FleetOfHosts.connector}
 */
export function fleetConnector(
  address: FleetAddress,
  host: string,
  options: HostConnectorOptions = {},
): Connector {
  return chosenOnce(host, options, async (use) => {
    const broker = await connectBroker(address);
    const end = () => void broker[Symbol.asyncDispose]().catch(() => {});
    try {
      return await use(broker, end);
    } catch (error) {
      end();
      throw error;
    }
  });
}

type Use = (broker: Broker, onEnd?: () => void) => Promise<Transport>;

function chosenOnce(
  host: string,
  options: HostConnectorOptions,
  withBroker: (use: Use) => Promise<Transport>,
): Connector {
  let chosen: HostAddress | undefined;
  return {
    resumable: true,
    connect: (connection) =>
      withBroker(async (broker, onEnd) => {
        chosen ??= await findHost(broker, host);
        return await hostConnector(broker, chosen, { ...options, onEnd }).connect(connection);
      }),
  };
}

/** @throws {TypeError} for what is no broker's URL */
function brokerAddress({ servers, ...files }: FleetAddress): BrokerAddress {
  const urls = typeof servers === "string" ? servers.split(",") : servers;
  for (const url of urls) {
    if (/^(nats|tls|wss?):\/\/[^/]/i.test(url) && URL.canParse(url)) continue;
    throw new TypeError(
      `A fleet's broker is nats://HOST:PORT or tls://HOST:PORT, not ${JSON.stringify(url)}`,
    );
  }
  if (urls.length === 0) {
    throw new TypeError("A fleet's servers are the URLs of its broker, and there is none");
  }
  return { servers: urls, ...files };
}
