import { LOGGED_ID_CHARS } from "../limits.ts";
import { invalidRequest } from "../protocol/errors.ts";
import type { ProcessId, SessionId } from "../protocol/ids.ts";
import type { ManagedProcess } from "../process/managed_process.ts";
import type { ProcessTable } from "../process/process_table.ts";
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

  constructor(id: SessionId, processes: ProcessTable) {
    this.id = id;
    this.processes = processes;
    this.subscriptions = this.#subscriptions;
  }

  /** The beginning of its id, for the log: whoever reads that must not be able to resume it. */
  get loggedId(): string {
    return this.id.slice(0, LOGGED_ID_CHARS);
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
