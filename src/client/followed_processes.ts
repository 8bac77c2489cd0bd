import type { ProcessId } from "../protocol/ids.ts";
import { invalidRequest } from "../protocol/errors.ts";
import { catchUp } from "./catch_up.ts";
import type { WireEvent } from "./early_events.ts";
import { FollowedProcess, type FollowOptions } from "./followed_process.ts";
import type { InboundFlow } from "./inbound_flow.ts";
import type { Link } from "./link.ts";
import type { NotificationListeners } from "./notification_listeners.ts";

/** The processes that a client has started, each until it has ended or can be followed no further. */
export class FollowedProcesses {
  readonly #flow: InboundFlow;
  readonly #onLost: (process: FollowedProcess) => void;
  readonly #processes = new Map<ProcessId, FollowedProcess>();

  /** @param onLost called for a process that can be followed no further, though it may run */
  constructor(
    flow: InboundFlow,
    notifications: NotificationListeners,
    onLost: (process: FollowedProcess) => void,
  ) {
    this.#flow = flow;
    this.#onLost = onLost;
    notifications.listen("process/output", ({ processId, seq, stream, chunk }) => {
      this.#tell(processId, { kind: "output", seq, stream, bytes: chunk });
    });
    notifications.listen("process/exited", ({ processId, seq, exitCode, sandboxDenied, limit }) => {
      this.#tell(processId, { kind: "exited", seq, exitCode, sandboxDenied, limit });
    });
    notifications.listen("process/gap", ({ processId, fromSeq, toSeq }) => {
      this.#tell(processId, { kind: "gap", seq: fromSeq, toSeq });
    });
    notifications.listen("process/detached", ({ processId, reason }) => this.#detached(processId, reason));
    notifications.listen("process/closed", ({ processId, seq }) => {
      this.#tell(processId, { kind: "closed", seq });
    });
  }

  get size(): number {
    return this.#processes.size;
  }

  get all(): FollowedProcess[] {
    return [...this.#processes.values()];
  }

  /** A number that changes when something is learned of a process. */
  get progress(): number {
    return [...this.#processes.values()].reduce((sum, { lastSeq }) => sum + lastSeq, 0);
  }

  get(id: ProcessId): FollowedProcess | undefined {
    return this.#processes.get(id);
  }

  /**
   * Follows a process that is about to be started, or attached to.
   *
   * @throws {RpcError} -32600 for a name in use
   */
  follow(id: ProcessId, options?: FollowOptions): FollowedProcess {
    if (this.#processes.has(id)) throw invalidRequest(`process ${id} already exists`);
    const process = new FollowedProcess(id, options);
    process.log.onFull = (full) => this.#flow.setFull(process.log, full);
    this.#processes.set(id, process);
    return process;
  }

  forget(process: FollowedProcess): void {
    if (this.#processes.get(process.id) === process) this.#processes.delete(process.id);
    process.log.onFull = undefined;
    // Its reader holds nobody up any more, however much of it is still to be read.
    this.#flow.setFull(process.log, false);
  }

  /** Another connection begins: events may be missed. */
  beginCatchingUp(): void {
    for (const process of this.#processes.values()) process.beginCatchingUp();
  }

  /**
   * Fetches from a new connection what was missed.
   *
   * @param running what the server has, where that is known
   * @throws {ConnectionError} when that connection is lost too
   */
  async catchUp(link: Link, running: ReadonlySet<string> | undefined): Promise<void> {
    const living = [...this.#processes.values()].filter(({ isStarted, id }) => isStarted || running?.has(id));
    await Promise.all(living.map((process) => catchUp(link, process)));
  }

  /** Everything that was missed is here. */
  endCatchingUp(): void {
    for (const process of this.#processes.values()) {
      process.endCatchingUp();
      this.#forgetEnded(process);
    }
  }

  /** The session is lost, and every process with it. */
  fail(message: string): void {
    for (const process of this.#processes.values()) process.fail(message);
    this.#processes.clear();
  }

  /** Gives what the server tells of a process to it, if it is followed. */
  #tell(id: string, event: WireEvent): void {
    const process = this.#processes.get(id as ProcessId);
    if (!process) return;
    process.pushLive(event);
    this.#forgetEnded(process);
    this.#flow.arrived();
  }

  /** The server follows a process of another client no more. */
  #detached(id: string, reason: string): void {
    const process = this.#processes.get(id as ProcessId);
    if (!process?.isAttached) return;
    process.fail(
      reason === "moved"
        ? "the process has another owner now: attach to it again"
        : "the server keeps nothing of the process any more",
    );
    this.forget(process);
  }

  #forgetEnded(process: FollowedProcess): void {
    if (!process.ended) return;
    this.forget(process);
    if (process.log.failure !== undefined) this.#onLost(process);
  }
}
