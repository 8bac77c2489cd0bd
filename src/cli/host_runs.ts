import { constants } from "node:os";
import { ExecServerClient } from "../client/client.ts";
import type { Broker } from "../fleet/broker.ts";
import { type HostAddress, hostConnector } from "../fleet/host_connector.ts";
import { hostText } from "../fleet/hosts.ts";
import type { HostLines } from "./host_lines.ts";
import { runOnHost } from "./host_run.ts";
import { runDetached } from "./run_detached.ts";
import { encodeEvent, type RunEvent } from "./run_event.ts";
import type { RunOutcome } from "./run_outcomes.ts";
import { checkShared, commandOf, type RunPlan } from "./run_plan.ts";
import { runStatus } from "./run_status.ts";
import type { RunsControl } from "./runs_control.ts";
import { StartFailure } from "./start_failure.ts";

/** A host that a command runs on, and where its lines go. */
export interface HostToRunOn {
  readonly address: HostAddress;
  readonly lines: HostLines;
}

/** What the runs of one command on several hosts share. */
export interface HostRunsOptions {
  readonly plan: RunPlan;
  readonly broker: Broker;
  readonly token: string | undefined;
  readonly control: RunsControl;
}

/** The runs of one command on several hosts. A host that fails stops no other. */
export class HostRuns {
  readonly #options: HostRunsOptions;
  #broken: Error | undefined;

  constructor(options: HostRunsOptions) {
    this.#options = options;
  }

  /** The output cannot be written any more: all of them end, and no further one begins. */
  break(error: Error): void {
    if (this.#broken) return;
    this.#broken = error;
    void this.#options.control.end();
  }

  /**
   * Runs it on all hosts, on some at once.
   *
   * @throws {Error} when the output cannot be written
   */
  async all(hosts: readonly HostToRunOn[], atOnce: number): Promise<RunOutcome[]> {
    const outcomes: RunOutcome[] = [];
    const waiting = [...hosts];
    const work = async () => {
      for (let host = waiting.shift(); host; host = waiting.shift()) outcomes.push(await this.#outcome(host));
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, hosts.length) }, work));
    if (this.#broken) throw this.#broken;
    return outcomes;
  }

  async #outcome({ address, lines }: HostToRunOn): Promise<RunOutcome> {
    const host = hostText(address);
    try {
      return { host, ...await this.#run(address, lines) };
    } catch (error) {
      const { message: reason } = error as Error;
      if (!this.#broken) await this.#tell(host, lines, reason);
      return { host, status: error instanceof StartFailure ? error.status : runStatus.ownFailure, reason };
    }
  }

  async #run(address: HostAddress, lines: HostLines): Promise<Omit<RunOutcome, "host">> {
    const { plan: { flags, timeoutMs }, plan, broker, token, control } = this.#options;
    if (this.#isOver) return this.#notBegun();
    await using client = await ExecServerClient.connect(hostConnector(broker, address, { token }));
    await checkShared(client, flags);
    const command = await commandOf(plan, client, undefined);
    if (this.#isOver) return this.#notBegun();
    if (flags.detach) {
      const known = await runDetached(client, { ...command, keepsInput: false });
      await lines.output("stdout", new TextEncoder().encode(`${known}\n`));
      return { status: 0 };
    }
    const print = flags.json ? printer(hostText(address), lines) : undefined;
    return await runOnHost(client, { command, timeoutMs, control, lines, print });
  }

  get #isOver(): boolean {
    return this.#broken !== undefined || this.#options.control.stopped !== undefined;
  }

  #notBegun(): Omit<RunOutcome, "host"> {
    const { stopped } = this.#options.control;
    if (stopped === undefined) return { status: runStatus.ownFailure, reason: "not begun" };
    return { status: 128 + constants.signals[stopped], reason: `not begun when ${stopped} came` };
  }

  /** Tells at once that a host failed: the others may take long. */
  async #tell(host: string, lines: HostLines, message: string): Promise<void> {
    lines.warn(message);
    if (!this.#options.plan.flags.json) return;
    await printer(host, lines)({ kind: "failed", message }).catch(() => {});
  }
}

function printer(host: string, lines: HostLines): (event: RunEvent) => Promise<void> {
  return (event) => lines.write("stdout", encodeEvent(event, host));
}
