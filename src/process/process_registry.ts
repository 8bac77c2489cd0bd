import type { ChildProcess, ProcessSpawner } from "../host/child_process.ts";
import type { CallShare } from "../host/waiting_calls.ts";
import type { ProcessHandle, ProcessId } from "../protocol/ids.ts";
import type { Environment } from "./child_environment.ts";
import { ClosedOutput } from "./closed_output.ts";
import { ManagedProcess, type ProcessOptions } from "./managed_process.ts";
import type { ChildOptions } from "./child_options.ts";
import { startChild } from "./start_child.ts";

/** Every process of this program, whoever started it, and what all of them share. */
export class ProcessRegistry {
  readonly #spawner: ProcessSpawner;
  readonly #environment: Environment;
  readonly #closedOutput = new ClosedOutput();
  readonly #processes = new Map<ProcessHandle, ManagedProcess>();
  /** What is to be killed in this turn. */
  readonly #doomed = new Set<ManagedProcess>();
  #killing: Promise<ReadonlyMap<ManagedProcess, Error>> | undefined;

  /** @param environment this program's own, for children that inherit it */
  constructor(spawner: ProcessSpawner, environment: Environment) {
    this.#spawner = spawner;
    this.#environment = environment;
  }

  /** The process of this handle, if it is not forgotten. */
  get(handle: ProcessHandle): ManagedProcess | undefined {
    return this.#processes.get(handle);
  }

  /** Every process that is not forgotten. */
  values(): Iterable<ManagedProcess> {
    return this.#processes.values();
  }

  /**
   * Starts a child, which is nobody's until it is managed; see {@linkcode startChild}.
   *
   * @throws {RpcError} -32603 when the operating system refuses
   */
  spawn(options: ChildOptions, calls: CallShare): ChildProcess | Promise<ChildProcess> {
    return startChild(this.#spawner, options, this.#environment, calls);
  }

  /** Begins to follow a child: one that was just started, or that another program handed over. */
  manage(id: ProcessId, child: ChildProcess, options: ProcessOptions = {}): ManagedProcess {
    const process = new ManagedProcess(id, child, options);
    this.#processes.set(process.handle, process);
    process.forgotten.add(() => this.#processes.delete(process.handle));
    process.closed.then(() => {
      if (this.#processes.has(process.handle)) this.#closedOutput.add(process);
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
}
