import { FLEET_DISCOVER_MS, FLEET_DISCOVER_STALL_MS } from "../limits.ts";
import type { Broker } from "./broker.ts";
import { FleetError } from "./fleet_error.ts";
import type { HostAddress } from "./host_connector.ts";
import { type HostReport, readReport } from "./host_report.ts";
import { hasLabels, type Labels, labelsText, readLabels } from "./labels.ts";
import { subjects } from "./subjects.ts";

/** Asks all hosts that are there, of a group or of all, who they are. They come sorted by their names. */
export async function discoverHosts(broker: Broker, group?: string): Promise<HostReport[]> {
  const answers = await broker.askAll(subjects.discover(group), new Uint8Array(), {
    stallMs: FLEET_DISCOVER_STALL_MS,
    timeoutMs: FLEET_DISCOVER_MS,
  });
  const reports = answers.map(readReport).filter((report) => report !== undefined);
  return sortedHosts(reports);
}

/** Hosts by their groups and names. */
export function sortedHosts(hosts: readonly HostReport[]): HostReport[] {
  return [...hosts].sort((a, b) => compare(hostText(a), hostText(b)));
}

/** A host as people write it. */
export function hostText({ group, name }: HostAddress): string {
  return `${group}/${name}`;
}

/** Hosts with all of some labels that take somebody new, the least busy first; those that are equally busy by chance. */
function readyHosts(hosts: readonly HostReport[], wanted: Labels): HostReport[] {
  return hosts.filter(({ state, labels }) => state === "ready" && hasLabels(labels, wanted))
    .map((host) => ({ host, chance: Math.random() }))
    .sort((a, b) => a.host.load - b.host.load || a.chance - b.chance)
    .map(({ host }) => host);
}

/**
 * The one host that a text means: `NAME`, `GROUP/NAME`, or labels such as `gpu,zone=eu`, of which the least busy host is
 * taken.
 *
 * @throws {FleetError} where none or several are meant
 */
function chooseHost(hosts: readonly HostReport[], text: string): HostReport {
  const named = findNamed(hosts, text);
  if (named) return named;
  const chosen = text.includes("/") ? undefined : readyHosts(hosts, readLabels(text.split(",")))[0];
  if (chosen) return chosen;
  throw new FleetError(`No host is "${text}" or has such labels; ${known(hosts)}`);
}

/**
 * Where the one host is that a text means. Who names one in full need not wait for what the others say.
 *
 * @throws {FleetError} where none or several are meant
 */
export async function findHost(broker: Broker, text: string): Promise<HostAddress> {
  const [, group, name] = /^([\w-]+)\/([\w-]+)$/.exec(text) ?? [];
  return group === undefined ? chooseHost(await discoverHosts(broker), text) : { group, name: name! };
}

/** Which hosts are meant, and which of them drain, so that they take nobody. */
export interface ChosenHosts {
  readonly ready: readonly HostReport[];
  readonly draining: readonly HostReport[];
}

/**
 * All hosts that a text means: `*` for every one, `GROUP/*` for those of a group, or labels such as `gpu,zone=eu`.
 *
 * @throws {FleetNameError} for a text that means nothing
 * @throws {FleetError} where no host that takes somebody is meant
 */
export function chooseHosts(hosts: readonly HostReport[], text: string): ChosenHosts {
  const isMeant = hostFilter(text);
  // Of two lives of a host, one is about to be over.
  const meant = [...new Map(hosts.filter(isMeant).map((host) => [hostText(host), host])).values()];
  const ready = meant.filter(({ state }) => state === "ready");
  if (ready.length > 0) return { ready, draining: meant.filter(({ state }) => state === "draining") };
  throw new FleetError(`No host that takes somebody is meant by "${text}"; ${known(hosts)}`);
}

/** @throws {FleetNameError} for a text that means no hosts */
export function hostFilter(text: string): (host: HostReport) => boolean {
  const [, group] = /^(?:([\w-]+)\/)?\*$/.exec(text) ?? [];
  if (group !== undefined) return (host) => host.group === group;
  if (text === "*") return () => true;
  const wanted = readLabels(text.split(","));
  return ({ labels }) => hasLabels(labels, wanted);
}

/** The host of a name, `NAME` or `GROUP/NAME`. @throws {FleetError} where there is none, or several */
export function chooseNamed(hosts: readonly HostReport[], text: string): HostReport {
  const named = findNamed(hosts, text);
  if (named) return named;
  throw new FleetError(`No host is "${text}"; ${known(hosts)}`);
}

function findNamed(hosts: readonly HostReport[], text: string): HostReport | undefined {
  const named = hosts.filter((host) => host.name === text || hostText(host) === text);
  if (named.length < 2) return named[0];
  throw new FleetError(`"${text}" is in several groups: ${named.map(hostText).join(", ")}`);
}

function known(hosts: readonly HostReport[]): string {
  if (hosts.length === 0) return "there is no host in the fleet";
  const shown = hosts.slice(0, SHOWN).map((host) => {
    const labels = labelsText(host.labels);
    return `${hostText(host)}${labels === "" ? "" : ` (${labels})`}${
      host.state === "ready" ? "" : `, ${host.state}`
    }`;
  });
  const more = hosts.length - shown.length;
  return `there are ${shown.join("; ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** Hosts that an error names. */
const SHOWN = 10;

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
