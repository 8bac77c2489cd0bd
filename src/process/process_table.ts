import { type CallShare, waitingCalls } from "../host/waiting_calls.ts";
import { CLOSED_PROCESS_MS, PROCESSES_PER_SESSION } from "../limits.ts";
import { invalid, refused } from "../native/operation_error.ts";
import type { ProcessId, ThreadId } from "../protocol/ids.ts";
import type { ChildProcess } from "../host/child_process.ts";
import { ClosedProcesses } from "./closed_processes.ts";
import { type Lifetime, ManagedProcess, type ProcessOptions } from "./managed_process.ts";
import type { ProcessRegistry } from "./process_registry.ts";
import type { ChildOptions } from "./child_options.ts";

/** How to start a process. */
export interface StartOptions extends ChildOptions {
  readonly id: ProcessId;
  /** On behalf of which conversation it runs. */
  readonly threadId?: ThreadId | undefined;
  /** A name that is the only one of its kind on the server. */
  readonly name?: string | undefined;
  readonly lifetime?: Lifetime | undefined;
  /** Aborted when nobody waits for the start any more. */
  readonly signal?: AbortSignal | undefined;
  /** In whose share it waits for file systems; the table's own by default. */
  readonly calls?: CallShare | undefined;
}

/** The processes of one session by the client's names: starting, running, and closed ones until they are forgotten. */
export class ProcessTable {
  readonly #registry: ProcessRegistry;
  readonly #calls: CallShare = waitingCalls.share();
  readonly #processes = new Map<ProcessId, ManagedProcess>();
  /** The starts under way, each to be given up on. */
  readonly #starting = new Map<ProcessId, AbortController>();
  readonly #closed: ClosedProcesses;
  #disposed = false;

  /** @param keepMs milliseconds for which a closed process stays known */
  constructor(registry: ProcessRegistry, keepMs: number = CLOSED_PROCESS_MS) {
    this.#registry = registry;
    this.#closed = new ClosedProcesses((process) => this.#forget(process), keepMs);
  }

  /** How many are known, or being started. */
  get size(): number {
    return this.#processes.size + this.#starting.size;
  }

  /** Whether any has not closed yet. */
  get isActive(): boolean {
    return this.size > this.#closed.size;
  }

  /** The process of this name, if it is known. */
  get(id: ProcessId): ManagedProcess | undefined {
    return this.#processes.get(id);
  }

  /** Every process that is known; connections are none. */
  *values(): Iterable<ManagedProcess> {
    for (const process of this.#processes.values()) if (!process.isConnection) yield process;
  }

  /** Every connection that is known. */
  *connections(): Iterable<ManagedProcess> {
    for (const process of this.#processes.values()) if (process.isConnection) yield process;
  }

  /**
   * Starts a process; at once, unless it may have to wait for a file system. A failed start leaves nothing behind.
   *
   * @throws {OperationError} INVALID for an empty argv, REFUSED for a name in use, too many processes or a session that has
   * ended, -32603 when the operating system refuses
   */
  start(options: StartOptions): ManagedProcess | Promise<ManagedProcess> {
    const { id, argv } = options;
    if (argv.length === 0) throw invalid("argv must not be empty");
    if (this.#disposed) throw refused("the session has ended");
    this.#checkFree(id);
    this.#registry.checkName(options.name);
    this.#makeRoom();
    const child = this.#registry.spawn(options, options.calls ?? this.#calls);
    return child instanceof Promise
      ? this.#startInTime(options, child)
      : this.#add(id, child, managed(options));
  }

  /** Whether a process of this name is being started. */
  isStarting(id: ProcessId): boolean {
    return this.#starting.has(id);
  }

  /** Gives up on a start that is under way; false where there is none. */
  cancelStart(id: ProcessId): boolean {
    const start = this.#starting.get(id);
    start?.abort();
    return start !== undefined;
  }

  /**
   * Kills everything and forgets it. Resolves when every child has been reaped.
   *
   * @throws {AggregateError} when all others have been, for those that the operating system does not let this program kill,
   * such as a `sudo`
   */
  async dispose(): Promise<void> {
    this.#disposed = true;
    const all = [...this.#processes.values()];
    for (const start of this.#starting.values()) start.abort();
    const refusals = await this.#registry.kill(all);
    await Promise.all(all.filter((process) => !refusals.has(process)).map(({ closed }) => closed));
    this.#closed.clear();
    this.#processes.clear();
    for (const process of all) process.forget();
    const reasons = all.map((process) => refusals.get(process)).filter((reason) => reason !== undefined);
    const [reason] = reasons;
    if (reason === undefined) return;
    const text = `Cannot kill ${reasons.length} of ${all.length} processes: ${reason.message}`;
    throw new AggregateError(reasons, text);
  }

  /**
   * Takes over a process that another program started, or that this one did before it was replaced.
   *
   * @throws {OperationError} REFUSED for a name in use
   */
  adopt(id: ProcessId, child: ChildProcess, options: ProcessOptions): ManagedProcess {
    this.#checkFree(id);
    return this.#add(id, child, options);
  }

  /**
   * Follows a connection.
   *
   * @throws {OperationError} REFUSED for a name in use, too many, or a session that has ended
   */
  connect(id: ProcessId, child: ChildProcess): ManagedProcess {
    if (this.#disposed) throw refused("the session has ended");
    this.#checkFree(id);
    this.#makeRoom();
    const process = this.#registry.manageConnection(id, child);
    this.#hold(process);
    return process;
  }

  /** Forgets a connection; one that has not closed is broken off. */
  disconnect(process: ManagedProcess): void {
    process.terminate();
    this.release(process.id);
    process.forget();
  }

  /** Gives up a process that another table has taken. */
  release(id: ProcessId): void {
    const process = this.#processes.get(id);
    if (!process) return;
    this.#processes.delete(id);
    this.#closed.delete(process);
  }

  /**
   * Takes a process over from another table, which is to give it up.
   *
   * @throws {OperationError} REFUSED for a name in use, and for too many
   */
  take(id: ProcessId, process: ManagedProcess): void {
    this.#checkFree(id);
    this.#makeRoom();
    process.id = id;
    this.#hold(process);
  }

  #add(id: ProcessId, child: ChildProcess, options: ProcessOptions): ManagedProcess {
    const process = this.#registry.manage(id, child, options);
    this.#hold(process);
    return process;
  }

  #hold(process: ManagedProcess): void {
    this.#processes.set(process.id, process);
    process.closed.then(() => {
      if (this.#processes.get(process.id) === process) this.#keep(process);
    });
  }

  /** A start that is given up on is answered at once; the child, should there ever be one, is killed. */
  async #startInTime(options: StartOptions, child: Promise<ChildProcess>): Promise<ManagedProcess> {
    const { id, signal } = options;
    const giveUp = new AbortController();
    this.#starting.set(id, giveUp);
    const given = AbortSignal.any(signal ? [signal, giveUp.signal] : [giveUp.signal]);
    const givenUp = new Promise<never>((_, reject) => {
      const refuse = () => reject(refused(`process ${id} start was cancelled`));
      given.addEventListener("abort", refuse, { once: true });
      if (given.aborted) refuse();
    });
    try {
      return this.#add(id, await Promise.race([child, givenUp]), managed(options));
    } catch (error) {
      if (given.aborted) child.then((late) => killUnwanted(id, late), () => {});
      throw error;
    } finally {
      this.#starting.delete(id);
    }
  }

  /** @throws {OperationError} REFUSED for a name in use */
  #checkFree(id: ProcessId): void {
    if (this.#processes.has(id) || this.#starting.has(id)) {
      throw refused(`process ${id} already exists`);
    }
  }

  /** @throws {OperationError} REFUSED where no process that is known could be forgotten */
  #makeRoom(): void {
    if (this.size < PROCESSES_PER_SESSION || this.#closed.forgetOne()) return;
    throw refused(
      `at most ${PROCESSES_PER_SESSION} processes of a session may run, or have ended without the client knowing`,
    );
  }

  /** A closed process can be asked for a while longer. */
  #keep(process: ManagedProcess): void {
    if (this.#disposed) return;
    this.#closed.add(process);
  }

  #forget(process: ManagedProcess): void {
    process.forget();
    this.#processes.delete(process.id);
  }
}

function managed(options: StartOptions): ProcessOptions {
  const { terminal, threadId, name, lifetime, argv, descriptors } = options;
  return { size: terminal, threadId, name, lifetime, argv, descriptors };
}

function killUnwanted(id: ProcessId, child: ChildProcess): void {
  const process = new ManagedProcess(id, child);
  process.forget();
  process.terminate();
}
