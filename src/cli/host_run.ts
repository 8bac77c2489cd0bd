import { randomUUID } from "node:crypto";
import type { ExecServerClient } from "../client/client.ts";
import { RUN_GRACE_MS } from "../limits.ts";
import type { ExecProcess } from "../machine/exec_backend.ts";
import type { SignalName } from "../protocol/schemas/process.ts";
import { ConnectionError } from "../transport/transport.ts";
import type { HostLines } from "./host_lines.ts";
import { type RunCommand, startRequestOf } from "./run_command.ts";
import type { RunEvent } from "./run_event.ts";
import type { RunOutcome } from "./run_outcomes.ts";
import { runStatus, statusOfExit } from "./run_status.ts";
import type { ControlledRun, RunsControl } from "./runs_control.ts";
import { startCommand } from "./start_command.ts";

/** What a run on one of several hosts is part of. */
export interface HostRunOptions {
  readonly command: RunCommand;
  readonly timeoutMs: number | undefined;
  readonly control: RunsControl;
  readonly lines: HostLines;
  /** Takes its events instead of its output. */
  readonly print: ((event: RunEvent) => Promise<void>) | undefined;
}

/**
 * Runs a command on one of several hosts, to its end.
 *
 * @throws {StartFailure} when it does not start
 * @throws {ConnectionError} when the host is lost
 * @throws {Error} when its output cannot be written
 */
export async function runOnHost(
  client: ExecServerClient,
  options: HostRunOptions,
): Promise<Omit<RunOutcome, "host">> {
  const { command, control, timeoutMs, lines, print } = options;
  const processId = randomUUID();
  const remote = await startCommand(client, {
    ...startRequestOf(command),
    processId,
    pipeStdin: false,
  });
  using run = new HostRun(client, remote, lines);
  const events = remote.events({ lossless: true });
  using _controlled = control.add(run);
  run.limit(timeoutMs, () => void print?.({ kind: "timeout", timeoutMs: timeoutMs! }).catch(() => {}));
  try {
    await print?.({ kind: "started", processId });
    let exitCode = -1;
    for await (const event of events) {
      if (event.kind === "failed") throw new ConnectionError(event.message);
      if (event.kind === "exited") exitCode = event.exitCode;
      if (print) await print(event);
      else if (event.kind === "output") await lines.output(event.stream, event.bytes);
    }
    await lines.end();
    return run.timedOut
      ? { status: runStatus.timeout, reason: "it was ended by --timeout" }
      : { status: statusOfExit(exitCode) };
  } catch (error) {
    // Nobody follows it any more.
    run.end().catch(() => {});
    await lines.end().catch(() => {});
    throw error;
  }
}

/** A command that runs on a host, with what asks it to end. */
class HostRun implements ControlledRun, Disposable {
  timedOut = false;
  readonly #client: ExecServerClient;
  readonly #process: ExecProcess;
  readonly #unlisten: () => void;
  readonly #timers: ReturnType<typeof setTimeout>[] = [];
  #isLost = false;

  constructor(client: ExecServerClient, process: ExecProcess, lines: HostLines) {
    this.#client = client;
    this.#process = process;
    this.#unlisten = client.listenConnection(({ kind }) => {
      this.#isLost = kind === "recovering";
      if (kind === "recovering") lines.warn("connection lost, getting it back ...");
      if (kind === "connected") lines.warn("connected again");
    });
  }

  signal(name: SignalName): void {
    // Nobody would hear it while the connection is lost: what is asked to end is given up.
    if (this.#isLost) return this.#client.close();
    this.#process.signal(name).catch(() => {});
  }

  async end(): Promise<void> {
    if (this.#isLost) return this.#client.close();
    await this.#process.terminate();
  }

  /** Ends it after a time. */
  limit(timeoutMs: number | undefined, onTimeout: () => void): void {
    if (timeoutMs === undefined) return;
    this.#after(timeoutMs, () => {
      this.timedOut = true;
      onTimeout();
      this.#process.signal("terminate").catch(() => {});
      this.#after(RUN_GRACE_MS, () => void this.#process.terminate().catch(() => {}));
    });
  }

  [Symbol.dispose](): void {
    this.#unlisten();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #after(ms: number, action: () => void): void {
    this.#timers.push(setTimeout(action, ms));
  }
}
