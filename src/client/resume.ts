import { CONNECT_MS, RECOVERY_BACKOFF_MAX_MS, RECOVERY_BACKOFF_MS } from "../limits.ts";
import { errorCodes, RpcError } from "../protocol/errors.ts";
import { CallTimeoutError } from "./call.ts";
import type { Link } from "./link.ts";
import { ConnectionError, type Connector, type Transport } from "../transport/transport.ts";

/** What is needed to get a session back. */
export interface ResumePlan {
  readonly connector: Connector;
  readonly clientName: string;
  readonly sessionId: string;
  /** Milliseconds in which it must succeed, counted from the last progress. */
  readonly recoveryMs: number;
  /** A number that changes when something is learned of a process. */
  readonly progress: () => number;
  /** Aborted when nobody wants the session any more. */
  readonly signal: AbortSignal;
  readonly open: (transport: Transport) => Link;
  /** Brings everything up to date on a new connection. */
  readonly takeUp: (link: Link) => Promise<void>;
}

/**
 * Connects again and resumes the session: at once, and then with growing pauses. An attempt that was cut off but brought
 * something counts as a beginning: however short-lived the connections, what was missed arrives bit by bit.
 *
 * @throws {Error} the last failure once time is up, or the first that no further attempt can mend
 */
export async function resume(plan: ResumePlan): Promise<Link> {
  let deadline = performance.now() + plan.recoveryMs;
  for (let failures = 0;;) {
    const before = plan.progress();
    try {
      return await tryOnce(plan, Math.max(1, deadline - performance.now()));
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (plan.progress() !== before) {
        deadline = performance.now() + plan.recoveryMs;
        failures = 0;
        continue;
      }
      const pause = backOff(++failures);
      if (performance.now() + pause >= deadline) throw error;
      await sleep(pause, plan.signal);
    }
  }
}

async function tryOnce(plan: ResumePlan, remainingMs: number): Promise<Link> {
  const timeoutMs = Math.min(CONNECT_MS, remainingMs);
  const transport = await plan.connector.connect({ timeoutMs });
  const link = plan.open(transport);
  const abort = () => link.close("The client is closed");
  plan.signal.addEventListener("abort", abort);
  try {
    plan.signal.throwIfAborted();
    const params = { clientName: plan.clientName, resumeSessionId: plan.sessionId };
    const { sessionId } = await link.request("initialize", params, { timeoutMs });
    if (sessionId !== plan.sessionId) throw new Error(`the server began another session, ${sessionId}`);
    link.notify("initialized", {});
    await plan.takeUp(link);
    return link;
  } catch (error) {
    link.close("The session was not resumed");
    throw error;
  } finally {
    plan.signal.removeEventListener("abort", abort);
  }
}

/** Whether the same attempt may go better later. */
function isPassing(error: unknown): boolean {
  if (error instanceof RpcError) return error.code === errorCodes.sessionAttached;
  return error instanceof CallTimeoutError || (error instanceof ConnectionError && error.retryable);
}

/** Milliseconds before the next attempt: doubled each time, and scattered so that many clients do not come at once. */
function backOff(failures: number): number {
  const full = Math.min(RECOVERY_BACKOFF_MS * 2 ** (failures - 1), RECOVERY_BACKOFF_MAX_MS);
  return full * (0.75 + Math.random() / 4);
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    if (signal.aborted) return reject(signal.reason);
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal.addEventListener("abort", abort, { once: true });
  });
}
