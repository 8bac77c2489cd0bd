import { CATCH_UP_ANSWER_MS, CONNECT_MS } from "../limits.ts";
import { errorCodes, RpcError } from "../protocol/errors.ts";
import type { ProcessId } from "../protocol/ids.ts";
import {
  ConnectionError,
  type Connector,
  InterruptedCallError,
  type Transport,
} from "../transport/transport.ts";
import { backOffMs, sleep } from "./back_off.ts";
import { type Call, TimeoutError } from "./call.ts";
import type { CallQueue } from "./call_queue.ts";
import type { FollowedProcesses } from "./followed_processes.ts";
import type { Link } from "./link.ts";

/** What is needed to get a session back. */
export interface RecoveryPlan {
  readonly connector: Connector;
  readonly clientName: string;
  readonly sessionId: string;
  /** Milliseconds in which it must succeed, counted from the last progress. */
  readonly recoveryMs: number;
  /** Whether bytes shall go as binary frames. */
  readonly usesFrames: boolean;
  /** Whether the server can list its processes. */
  readonly canList: boolean;
  readonly calls: CallQueue;
  readonly processes: FollowedProcesses;
  readonly open: (transport: Transport) => Link;
}

/** The way back to a session whose connection is lost: other connections, until everything is up to date on one. */
export class Recovery {
  readonly #plan: RecoveryPlan;
  readonly #cancelled = new AbortController();
  #link: Link | undefined;

  constructor(plan: RecoveryPlan) {
    this.#plan = plan;
  }

  /** The connection that is being taken up, while there is one. */
  get link(): Link | undefined {
    return this.#link?.lost === undefined ? this.#link : undefined;
  }

  /**
   * Connects again and resumes the session: at once, and then with growing pauses. An attempt that was cut off but
   * brought something counts as a beginning: however short-lived the connections, what was missed arrives bit by bit.
   *
   * @returns the connection on which everything is up to date
   * @throws {Error} the last failure once time is up, or the first that no further attempt can mend
   */
  async run(): Promise<Link> {
    const { recoveryMs, processes } = this.#plan;
    let deadline = performance.now() + recoveryMs;
    for (let failures = 0;;) {
      const before = processes.progress;
      try {
        return await this.#attempt(Math.max(1, deadline - performance.now()));
      } catch (error) {
        if (this.#cancelled.signal.aborted || !isPassing(error)) throw error;
        if (processes.progress !== before) {
          deadline = performance.now() + recoveryMs;
          failures = 0;
          continue;
        }
        const pause = backOffMs(++failures);
        if (performance.now() + pause >= deadline) throw error;
        await sleep(pause, this.#cancelled.signal);
      }
    }
  }

  /** Nobody wants the session any more. */
  cancel(reason: Error): void {
    this.#cancelled.abort(reason);
    this.#link?.close(reason.message);
  }

  async #attempt(remainingMs: number): Promise<Link> {
    this.#cancelled.signal.throwIfAborted();
    const timeoutMs = Math.min(CONNECT_MS, remainingMs);
    const link = this.#plan.open(await this.#plan.connector.connect({ timeoutMs }));
    this.#link = link;
    try {
      this.#cancelled.signal.throwIfAborted();
      this.#plan.processes.beginCatchingUp();
      await this.#resume(link, timeoutMs);
      await this.#catchUp(link);
      return link;
    } catch (error) {
      link.close("The session was not resumed");
      throw error;
    }
  }

  async #resume(link: Link, timeoutMs: number): Promise<void> {
    const { clientName, sessionId: resumeSessionId } = this.#plan;
    const { sessionId } = await link.request("initialize", { clientName, resumeSessionId }, { timeoutMs });
    if (sessionId !== resumeSessionId) throw new Error(`the server began another session, ${sessionId}`);
    link.notify("initialized", {});
    if (this.#plan.usesFrames) link.useBinaryFrames();
  }

  /** Brings every process up to date, and ends the uncertainty about starts that were not answered. */
  async #catchUp(link: Link): Promise<void> {
    const { calls, processes, canList } = this.#plan;
    const running = canList && calls.uncertainStarts.length > 0 ? await listRunning(link) : undefined;
    await processes.catchUp(link, running);
    for (const start of calls.uncertainStarts) settleStart(start, running, processes);
  }
}

async function listRunning(link: Link): Promise<ReadonlySet<string>> {
  const { processes } = await link.request("process/list", null, { timeoutMs: CATCH_UP_ANSWER_MS });
  return new Set(processes.map(({ processId }) => processId));
}

/** One that never reached the server is left to be sent again. */
function settleStart(
  start: Call,
  running: ReadonlySet<string> | undefined,
  processes: FollowedProcesses,
): void {
  const { processId, sandbox } = start.params as { processId: ProcessId; sandbox?: object | null };
  if (running?.has(processId) || processes.get(processId)?.isStarted) {
    start.resolve({ processId, sandboxType: sandbox ? "linuxSeccomp" : "none" });
  } else if (!running) {
    start.reject(new InterruptedCallError(start.method));
  }
}

/** Whether the same attempt may go better later. */
function isPassing(error: unknown): boolean {
  if (error instanceof RpcError) return error.code === errorCodes.sessionAttached;
  return error instanceof TimeoutError || (error instanceof ConnectionError && error.retryable);
}
