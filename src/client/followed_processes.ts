import type { ProcessId } from "../protocol/ids.ts";
import type { NotificationOf } from "../protocol/methods.ts";
import { catchUp } from "./catch_up.ts";
import type { InboundFlow } from "./inbound_flow.ts";
import type { Link } from "./link.ts";
import type { RemoteProcess, WireEvent } from "./remote_process.ts";

/** What is told of a process. */
export type ProcessNotification = NotificationOf<"process/output" | "process/exited" | "process/closed">;

/** The processes that a client has started, each until it has ended or can be followed no further. */
export class FollowedProcesses {
  readonly #flow: InboundFlow;
  readonly #onLost: (id: ProcessId) => void;
  readonly #processes = new Map<ProcessId, RemoteProcess>();

  /** @param onLost called for a process that can be followed no further, though it may run */
  constructor(flow: InboundFlow, onLost: (id: ProcessId) => void) {
    this.#flow = flow;
    this.#onLost = onLost;
  }

  get size(): number {
    return this.#processes.size;
  }

  get ids(): ProcessId[] {
    return [...this.#processes.keys()];
  }

  /** A number that changes when something is learned of a process. */
  get progress(): number {
    return [...this.#processes.values()].reduce((sum, { lastSeq }) => sum + lastSeq, 0);
  }

  get(id: ProcessId): RemoteProcess | undefined {
    return this.#processes.get(id);
  }

  add(process: RemoteProcess): void {
    process.log.onFull = (full) => this.#flow.setFull(process.log, full);
    this.#processes.set(process.id, process);
  }

  forget(process: RemoteProcess): void {
    if (this.#processes.get(process.id) === process) this.#processes.delete(process.id);
    process.log.onFull = undefined;
    // Its reader holds nobody up any more, however much of it is still to be read.
    this.#flow.setFull(process.log, false);
  }

  /** Gives what was told of a process to it, if it is followed. */
  tell(method: string, { processId, ...rest }: ProcessNotification): void {
    const process = this.#processes.get(processId);
    if (!process) return;
    const kind = method.slice(method.indexOf("/") + 1);
    const event = "chunk" in rest
      ? { kind, seq: rest.seq, stream: rest.stream, bytes: rest.chunk }
      : { kind, ...rest };
    process.pushLive(event as WireEvent);
    this.#forgetEnded(process);
    this.#flow.arrived();
  }

  /** A connection is lost, or another one begins: events may be missed from now on. */
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
    const living = [...this.#processes.values()].filter(({ started, id }) => started || running?.has(id));
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

  #forgetEnded(process: RemoteProcess): void {
    if (!process.ended) return;
    this.forget(process);
    if (process.log.failure !== undefined) this.#onLost(process.id);
  }
}
