import { LOGGED_ID_CHARS } from "../limits.ts";
import { invalidRequest } from "../protocol/errors.ts";
import type { ProcessId, SessionId } from "../protocol/ids.ts";
import type { ManagedProcess } from "../process/managed_process.ts";
import type { Logger } from "../observe/logger.ts";
import type { ProcessTable, StartOptions } from "../process/process_table.ts";
import { Subscription, type SubscriptionOptions } from "./subscription.ts";

/** The processes of one client, and how far it has come in each, whichever connection it has just now. */
export class Session {
  readonly id: SessionId;
  readonly processes: ProcessTable;
  /** By the client's name for the process. */
  readonly subscriptions: ReadonlyMap<ProcessId, Subscription>;
  /** Whether its client has ever answered a ping, on whichever connection. */
  answersPings = false;
  readonly #subscriptions = new Map<ProcessId, Subscription>();

  readonly #logger: Logger;

  constructor(id: SessionId, processes: ProcessTable, logger: Logger) {
    this.id = id;
    this.processes = processes;
    this.#logger = logger;
    this.subscriptions = this.#subscriptions;
  }

  /** The beginning of its id, for the log: whoever reads that must not be able to resume it. */
  get loggedId(): string {
    return this.id.slice(0, LOGGED_ID_CHARS);
  }

  /**
   * Starts a process, and follows it from its beginning.
   *
   * @throws {RpcError} see {@linkcode ProcessTable.start}
   */
  start(options: StartOptions): ManagedProcess | Promise<ManagedProcess> {
    const started = this.processes.start(options);
    return started instanceof Promise
      ? started.then((process) => this.#begin(process))
      : this.#begin(started);
  }

  #begin(process: ManagedProcess): ManagedProcess {
    this.subscribe(process.id, process);
    const fields = {
      session: this.loggedId,
      process: process.id,
      pid: process.pid,
      thread: process.threadId,
    };
    this.#logger.info("process started", fields);
    process.closed.then(() =>
      this.#logger.info("process closed", { ...fields, code: process.state.exitCode })
    );
    return process;
  }

  /**
   * Follows a process, until it is forgotten.
   *
   * @param id the client's name for it
   * @throws {RpcError} -32600 for a name that is in use
   */
  subscribe(id: ProcessId, process: ManagedProcess, options?: SubscriptionOptions): Subscription {
    if (this.#subscriptions.has(id)) throw invalidRequest(`process ${id} already exists`);
    const subscription = new Subscription(id, process.log, options);
    this.#subscriptions.set(id, subscription);
    process.forgotten.add(() => {
      this.#subscriptions.delete(id);
      subscription.dispose();
    });
    return subscription;
  }
}
