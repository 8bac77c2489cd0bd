import process from "node:process";
import { resolve } from "node:path";
import type { BrokerAddress } from "../fleet/broker.ts";
import { FleetError } from "../fleet/fleet_error.ts";
import { FleetNameError } from "../fleet/labels.ts";
import { UsageError } from "./usage_error.ts";

/** The title of flags about a fleet. */
export const fleetGroup = "Where, in a fleet";

/** The flags that say which fleet, of every command that works with one. */
export const fleetFlags = {
  "fleet": {
    value: "URL[,URL...]",
    group: fleetGroup,
    help: "The fleet's NATS broker: nats:// or tls://; $EXEC_SERVER_FLEET by default",
  },
  "fleet-creds": {
    value: "FILE",
    complete: "files",
    group: fleetGroup,
    help:
      "Who you are for the broker: a file that exec-server fleet add-client wrote; $EXEC_SERVER_FLEET_CREDS",
  },
  "fleet-ca": {
    value: "FILE",
    complete: "files",
    group: fleetGroup,
    help: "A PEM file of the broker's authority; $EXEC_SERVER_FLEET_CA by default",
  },
} as const;

/** What was given for them. */
export interface FleetChoice {
  readonly "fleet"?: string | undefined;
  readonly "fleet-creds"?: string | undefined;
  readonly "fleet-ca"?: string | undefined;
}

/**
 * The fleet that flags or the environment name.
 *
 * @throws {UsageError} where none is named, and for one that cannot be
 */
export function chosenFleet(flags: FleetChoice): BrokerAddress {
  const { EXEC_SERVER_FLEET: usual, EXEC_SERVER_FLEET_CREDS: creds, EXEC_SERVER_FLEET_CA: ca } = process.env;
  const text = flags.fleet ?? (usual || undefined);
  if (text === undefined) {
    throw new UsageError("Name the fleet's broker by --fleet nats://HOST:PORT or EXEC_SERVER_FLEET");
  }
  return brokerAddress(flags.fleet === undefined ? undefined : "fleet", text, {
    creds: flags["fleet-creds"] ?? (creds || undefined),
    ca: flags["fleet-ca"] ?? (ca || undefined),
  });
}

/**
 * What a command line says of names and labels.
 *
 * @throws {UsageError} for those that cannot be
 */
export function asUsage<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof FleetNameError || error instanceof FleetError) throw new UsageError(error.message);
    throw error;
  }
}

/**
 * A broker's address as it is given.
 *
 * @param flag the flag that names it; undefined where the environment does
 * @throws {UsageError} for what is none
 */
export function brokerAddress(
  flag: string | undefined,
  text: string,
  files: { readonly creds: string | undefined; readonly ca: string | undefined },
): BrokerAddress {
  const servers = text.split(",").map((server) => server.trim()).filter((server) => server !== "");
  const named = flag === undefined ? "EXEC_SERVER_FLEET" : `--${flag}`;
  for (const server of servers) {
    if (/^(nats|tls|wss?):\/\/[^/]/i.test(server) && URL.canParse(server)) continue;
    const meant = /^[^/:]+(:\d+)?$/.test(server) ? `; did you mean nats://${server}?` : "";
    throw new UsageError(`${named} takes nats://HOST:PORT or tls://HOST:PORT, not "${server}"${meant}`);
  }
  if (servers.length === 0) throw new UsageError(`${named} takes nats://HOST:PORT or tls://HOST:PORT`);
  return {
    servers,
    credentials: files.creds === undefined ? undefined : resolve(files.creds),
    authorities: files.ca === undefined ? undefined : resolve(files.ca),
  };
}
