import type { ChildProcess, ProcessSpawner } from "../host/child_process.ts";
import type { ProcessLimits } from "../host/process_limits.ts";
import type { CallShare } from "../host/waiting_calls.ts";
import type { ProcessHandle, ProcessId } from "../protocol/ids.ts";
import { refused } from "../native/operation_error.ts";
import type { Variables } from "./child_environment.ts";
import { ClosedOutput } from "./closed_output.ts";
import { ManagedProcess, type ProcessOptions } from "./managed_process.ts";
import type { ChildOptions } from "./child_options.ts";
import { lowerLimits } from "./lower_limits.ts";
import { startChild } from "./start_child.ts";

/** Every process of this program, whoever started it, and what all of them share. */
export class ProcessRegistry {
  readonly #spawner: ProcessSpawner;
  readonly #environment: Variables;
  readonly #ceilings: ProcessLimits | undefined;
  readonly #closedOutput = new ClosedOutput();
  readonly #processes = new Map<ProcessHandle, ManagedProcess>();
  readonly #names = new Map<string, ManagedProcess>();
  #revision = 1;
  /** What is to be killed in this turn. */
  readonly #doomed = new Set<ManagedProcess>();
  #killing: Promise<ReadonlyMap<ManagedProcess, Error>> | undefined;

  /** Called with every process that begins to be followed. */
  readonly managed = new Set<(process: ManagedProcess) => void>();

  /**
   * @param environment this program's own, for children that inherit it
   * @param ceilings what no process may use more of, whatever it asks for; nothing by default
   */
  constructor(spawner: ProcessSpawner, environment: Variables, ceilings?: ProcessLimits) {
    this.#spawner = spawner;
    this.#ceilings = ceilings;
    this.#environment = environment;
  }

  /** The process of this handle, if it is not forgotten. */
  get(handle: ProcessHandle): ManagedProcess | undefined {
    return this.#processes.get(handle);
  }

  /** A number that changes when processes come or go, and when one exits or changes hands. */
  get revision(): number {
    return this.#revision;
  }

  /** The process of this name that has not closed, if there is one. */
  named(name: string): ManagedProcess | undefined {
    const process = this.#names.get(name);
    return process?.log.closed ? undefined : process;
  }

  /** @throws {OperationError} REFUSED for a name that a process has which has not closed */
  checkName(name: string | undefined): void {
    if (name === undefined || !this.named(name)) return;
    throw refused(`a process named ${name} runs already: choose another name, or end that one`);
  }

  /** Every process that is not forgotten. */
  values(): Iterable<ManagedProcess> {
    return this.#processes.values();
  }

  /**
   * Starts a child, which is nobody's until it is managed; see {@linkcode startChild}.
   *
   * @throws {StartError} when the operating system refuses
   */
  spawn(options: ChildOptions, calls: CallShare): ChildProcess | Promise<ChildProcess> {
    const limits = lowerLimits(options.limits, this.#ceilings);
    return startChild(this.#spawner, limits ? { ...options, limits } : options, this.#environment, calls);
  }

  /** Begins to follow a child: one that was just started, or that another program handed over. */
  manage(id: ProcessId, child: ChildProcess, options: ProcessOptions = {}): ManagedProcess {
    const process = new ManagedProcess(id, child, options);
    this.#processes.set(process.handle, process);
    if (process.name !== undefined) this.#names.set(process.name, process);
    for (const listener of this.managed) listener(process);
    this.#changed();
    process.keyboard.listeners.add(() => this.#changed());
    process.forgotten.add(() => this.#forget(process));
    child.exit.then(() => this.#changed());
    process.closed.then(() => {
      this.#changed();
      if (this.#processes.has(process.handle)) this.#closedOutput.add(process);
    });
    return process;
  }

  /** Begins to follow a connection, which is nobody's but its session's: others are told nothing of it. */
  manageConnection(id: ProcessId, child: ChildProcess): ManagedProcess {
    const process = new ManagedProcess(id, child);
    let isKnown = true;
    process.forgotten.add(() => isKnown = false);
    process.closed.then(() => {
      if (isKnown) this.#closedOutput.add(process);
    });
    return process;
  }

  /**
   * Kills processes with their whole sessions; calls of one turn look together for the members, as a look at all of the
   * machine's processes takes as long for one session as for hundreds.
   *
   * @returns why some could not be killed; all others were
   */
  kill(processes: Iterable<ManagedProcess>): Promise<ReadonlyMap<ManagedProcess, Error>> {
    for (const process of processes) this.#doomed.add(process);
    return this.#killing ??= Promise.resolve().then(() => {
      const doomed = [...this.#doomed];
      this.#doomed.clear();
      this.#killing = undefined;
      return ManagedProcess.terminateAll(doomed);
    });
  }

  #forget(process: ManagedProcess): void {
    this.#processes.delete(process.handle);
    if (process.name !== undefined && this.#names.get(process.name) === process) {
      this.#names.delete(process.name);
    }
    this.#changed();
  }

  #changed(): void {
    this.#revision++;
  }
}
