/**
 * Fleets, for Deno, Bun and Node: machines that connect outbound to a broker and are reached through it.
 *
 * @module
 */
import type { ClientOptions } from "./src/client/client_options.ts";
import { ExecServerClient } from "./src/client/client.ts";
import { MachineDisk } from "./src/file_system/disk.ts";
import { connectBroker, type FleetAddress, FleetOfHosts } from "./src/fleet/fleet.ts";
import { Environment } from "./src/machine/environment.ts";
import { LocalFileSystem } from "./src/machine/local/local_file_system.ts";
import { transfersOf } from "./src/machine/local/transfer.ts";
import type { Machine } from "./src/machine/machine.ts";
import { failingAlike } from "./src/machine/machine_error.ts";
import { thisHost } from "./src/runtime/this_host.ts";

export { fleetConnector } from "./src/fleet/fleet.ts";
export type { FleetAddress, FleetHost, HostsOptions } from "./src/fleet/fleet.ts";
export type { HostConnectorOptions } from "./src/fleet/host_connector.ts";
export { FleetError } from "./src/fleet/fleet_error.ts";
export { FleetNameError, type Labels } from "./src/fleet/labels.ts";

/** How a host is reached, and how the connection to it is kept. */
export interface HostOptions extends ClientOptions {
  /** A bearer token, where the host asks for one. */
  readonly token?: string | undefined;
}

/**
 * A fleet, by one connection to its broker, which is made again when it is lost. `await using` ends it at the end of the
 * block.
 *
 * @example
 * ```ts ignore
 * await using fleet = await Fleet.open({ servers: "tls://broker.example.com", credentials: "client-me.creds" });
 * for (const { group, name } of await fleet.hosts({ labels: ["zone=eu"] })) {
 *   await using machine = await fleet.connect(`${group}/${name}`);
 *   console.log(name, (await machine.run("uname -a")).stdout);
 * }
 * ```
 */
export class Fleet extends FleetOfHosts {
  /**
   * Connects to a fleet's broker.
   *
   * @throws {ConnectionError} when it cannot be reached, or does not let this program in
   * @throws {TypeError} for what is no broker's URL
   */
  static async open(address: FleetAddress): Promise<Fleet> {
    return new Fleet(await connectBroker(address));
  }

  /**
   * The machine of one host. It ends before the fleet does.
   *
   * @param host `GROUP/NAME`, `NAME`, or labels such as `gpu,zone=eu`, of which the least busy host is taken
   * @throws {FleetError} where no host is meant, or several are
   * @throws {ConnectionError} when the host cannot be reached
   * @throws {ServerError} when it refuses
   */
  async connect(host: string, { token, ...options }: HostOptions = {}): Promise<Machine> {
    const connector = this.connector(host, { token });
    const client = await failingAlike(() => ExecServerClient.connect(connector, options));
    return Environment.over(client, transfersOf(() => new LocalFileSystem(new MachineDisk(thisHost))));
  }
}
