import { hostname } from "node:os";
import { isLoopback } from "../endpoint/access.ts";
import type { BearerCheck } from "../endpoint/bearer.ts";
import type { BrokerAddress } from "../fleet/broker.ts";
import { hostOf, readCredentials } from "../fleet/credentials.ts";
import { fleetName, fleetNameFrom, type Labels, labelsText, readLabels } from "../fleet/labels.ts";
import { hostOs } from "../host/facts.ts";
import { subjects } from "../fleet/subjects.ts";
import type { Logger } from "../observe/logger.ts";
import type { ExecServer } from "../server/server.ts";
import type { FlagValues } from "./command.ts";
import { asUsage, brokerAddress } from "./fleet_flags.ts";
import { accessFlags, readAccess } from "./serve_access.ts";
import { UsageError } from "./usage_error.ts";

const group = "Which fleet to join";

/** The flags of `serve` that make it a host of a fleet. */
export const joinFlags = {
  "fleet": {
    value: "URL[,URL...]",
    repeat: true,
    beginsSection: true,
    group,
    help:
      "Connect to this NATS broker (nats:// or tls://) and be reached through it, without a port of its own",
  },
  "fleet-creds": {
    value: "FILE",
    complete: "files",
    group,
    help: "Who this host is for the broker: a file that exec-server fleet add-host wrote",
  },
  "fleet-ca": { value: "FILE", complete: "files", group, help: "A PEM file of the broker's authority" },
  "fleet-name": {
    value: "NAME",
    group,
    help: "What the host is called; by default what the credentials say, or this machine's name",
  },
  "fleet-group": {
    value: "NAME",
    group,
    help: 'The group that it is in; by default what the credentials say, or "default"',
  },
  "label": {
    value: "NAME[=VALUE]",
    repeat: true,
    group,
    help: "What it can be chosen by, such as gpu or zone=eu",
  },
} as const;

/** What was given for them. */
type JoinFlags = FlagValues<typeof joinFlags>;

/** A fleet to join, and who may connect by it. */
export interface FleetPlace {
  readonly address: BrokerAddress;
  readonly group: string;
  readonly name: string;
  readonly labels: Labels;
  readonly bearer: BearerCheck | undefined;
}

/**
 * The fleet to join, if one is named.
 *
 * @param section the flags of the fleet's own section, which say who may connect by it
 * @throws {UsageError} for what means nothing, and for a fleet that would let anybody in
 */
export function readFleet(
  flags: JoinFlags,
  section: FlagValues<typeof accessFlags> | undefined,
): FleetPlace | undefined {
  if (section === undefined) return refuseAlone(flags);
  return asUsage(() => fleetPlace(flags, readAccess(section).bearer));
}

function fleetPlace(flags: JoinFlags, bearer: BearerCheck | undefined): FleetPlace {
  const file = flags["fleet-creds"];
  const address = brokerAddress("fleet", flags.fleet.join(","), { creds: file, ca: flags["fleet-ca"] });
  const known = file === undefined ? undefined : hostOf(readCredentials(file).name);
  if (file === undefined && bearer === undefined && !address.servers.every(isHere)) {
    throw new UsageError(
      "Whoever reaches this broker could run anything as you: add --fleet-creds, or --ws-auth behind --fleet",
    );
  }
  return {
    address,
    group: fleetName("--fleet-group", flags["fleet-group"] ?? known?.group ?? "default"),
    name: fleetName("--fleet-name", flags["fleet-name"] ?? known?.name ?? fleetNameFrom(hostname())),
    labels: readLabels(flags.label),
    bearer,
  };
}

/** Joins, and prints where the host is. Drained, it ends as after SIGTERM. */
export async function joinFleet(
  { address, group, name, labels, bearer }: FleetPlace,
  server: ExecServer,
  logger: Logger,
  onDrained: () => void,
): Promise<void> {
  const [{ Broker }, { FleetHost }] = await Promise.all([
    import("../fleet/broker.ts"),
    import("../fleet/fleet_host.ts"),
  ]);
  // A host may listen under its own name only.
  const inbox = `${subjects.ofHost(group, name)}.reply`;
  const broker = await Broker.connect(address, `exec-server host ${group}/${name}`, inbox);
  try {
    const host = await FleetHost.join(broker, {
      group,
      name,
      labels,
      server,
      bearer,
      os: hostOs,
      logger,
      onDrained,
    });
    server.beforeStop.add(async () => {
      await host[Symbol.asyncDispose]();
      await broker[Symbol.asyncDispose]();
    });
    logger.info("fleet joined", {
      group,
      name,
      labels: labelsText(labels),
      auth: bearer ? "bearer" : "none",
    });
  } catch (error) {
    await broker[Symbol.asyncDispose]();
    throw error;
  }
}

function refuseAlone(flags: JoinFlags): undefined {
  const names = Object.keys(joinFlags) as (keyof JoinFlags)[];
  const given = names.find((name) => name !== "fleet" && flags[name] !== undefined && flags[name].length > 0);
  if (given) throw new UsageError(`--${given} is for a host of a fleet, which --fleet URL makes it`);
}

function isHere(server: string): boolean {
  const { hostname: host } = new URL(server);
  return host === "localhost" || isLoopback(host.replace(/^\[|\]$/g, ""));
}
