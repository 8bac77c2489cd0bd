import { Broker } from "../fleet/broker.ts";
import { chooseHosts, discoverHosts, hostFilter, hostText } from "../fleet/hosts.ts";
import type { HostReport } from "../fleet/host_report.ts";
import { FLEET_RUNS } from "../limits.ts";
import { parseCount } from "./count.ts";
import { asUsage } from "./fleet_flags.ts";
import { HostLines, type HostLinesOptions } from "./host_lines.ts";
import { HostRuns, type HostToRunOn } from "./host_runs.ts";
import { BrokenOutput } from "./local_output.ts";
import type { ProgramHost } from "./program_host.ts";
import { failureLines, worstStatus } from "./run_outcomes.ts";
import type { RunPlan } from "./run_plan.ts";
import { brokenPipe } from "./run_status.ts";
import { RunsControl } from "./runs_control.ts";
import { inFleet } from "./server_flags.ts";
import { writeInTurn } from "./write_in_turn.ts";

/**
 * Runs a command on every host of a fleet that is meant, several at once.
 *
 * @returns the worst of their statuses
 * @throws {UsageError} for flags that mean nothing
 * @throws {FleetError} where no host is meant
 * @throws {Error} when output cannot be written
 */
export async function runOnAll(
  plan: RunPlan,
  { writeStandard }: ProgramHost,
): Promise<number> {
  const { "on-all": meant = "", jobs, ...flags } = plan.flags;
  const { fleet, token } = inFleet(flags, "on-all");
  const atOnce = jobs === undefined ? FLEET_RUNS : parseCount("jobs", jobs);
  asUsage(() => hostFilter(meant));
  using control = new RunsControl();
  await using broker = await Broker.connect(fleet, "exec-server client");
  const { ready, draining } = chooseHosts(await discoverHosts(broker), meant);
  const write = writeInTurn(writeStandard);
  const runs = new HostRuns({ plan, broker, token, control });
  const onBroken = (error: Error) => runs.break(error);
  const hosts = withLines([...ready, ...draining], { write, onBroken });
  for (const { lines } of hosts.splice(ready.length)) lines.warn("it drains, and is left out");
  try {
    const outcomes = await runs.all(hosts, atOnce);
    const told = failureLines(outcomes).map((line) => `exec-server: ${line}\n`).join("");
    await write("stderr", new TextEncoder().encode(told)).catch(() => {});
    return worstStatus(outcomes);
  } catch (error) {
    if (error instanceof BrokenOutput) return brokenPipe;
    throw error;
  }
}

/** Hosts with their lines, which begin at the same column. Where two have one name, all are called by their groups, too. */
function withLines(
  hosts: readonly HostReport[],
  options: Omit<HostLinesOptions, "prefix">,
): HostToRunOn[] {
  const isUnique = new Set(hosts.map(({ name }) => name)).size === hosts.length;
  const names = hosts.map((host) => isUnique ? host.name : hostText(host));
  const width = Math.max(...names.map(({ length }) => length));
  return hosts.map((address, at) => ({
    address,
    lines: new HostLines({ ...options, prefix: `${names[at]!.padEnd(width)} | ` }),
  }));
}
