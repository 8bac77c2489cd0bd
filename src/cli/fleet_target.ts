import type { BrokerAddress } from "../fleet/broker.ts";
import type { ExecServerClient } from "../client/client.ts";

/** A host of a fleet that a command line names. */
export interface HostInFleet {
  readonly fleet: BrokerAddress;
  /** Its name, or labels that it has. */
  readonly on: string;
  readonly token: string | undefined;
}

/** A client of a host, and its broker, which ends with it. */
export interface OpenHost extends AsyncDisposable {
  readonly client: ExecServerClient;
}

/**
 * Connects to a host of a fleet.
 *
 * @throws {FleetError} where no host is meant, or the broker is not there
 * @throws {ConnectionError} where the host refuses
 */
export async function openHost({ fleet, on, token }: HostInFleet): Promise<OpenHost> {
  const [{ Broker }, { hostConnector }, { findHost }, { ExecServerClient }] = await Promise
    .all([
      import("../fleet/broker.ts"),
      import("../fleet/host_connector.ts"),
      import("../fleet/hosts.ts"),
      import("../client/client.ts"),
    ]);
  const broker = await Broker.connect(fleet, "exec-server client");
  try {
    const host = await findHost(broker, on);
    const client = await ExecServerClient.connect(hostConnector(broker, host, { token }));
    return {
      client,
      async [Symbol.asyncDispose]() {
        await client[Symbol.asyncDispose]();
        await broker[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await broker[Symbol.asyncDispose]();
    throw error;
  }
}
