import type {
  ChildProcess,
  PipeSpawnRequest,
  ProcessSpawner,
  TerminalSpawnRequest,
} from "../host/child_process.ts";
import { NotConfinedError } from "../host/confinement.ts";
import {
  type HeldLimits,
  type LimitName,
  limitNames,
  type ProcessLimits,
  UnenforceableLimitError,
} from "../host/process_limits.ts";
import { StartError } from "../native/start_error.ts";
import { LimitWatch } from "./limit_watch.ts";

/**
 * Starts a child that may use only so much, and answers when its program runs. It is never started with less than was asked
 * for being kept.
 *
 * @param plainly starts it without any limit
 * @throws {StartError} for a limit that cannot be kept here, and as any start
 */
export async function limitedChild(
  { limited }: ProcessSpawner,
  limits: ProcessLimits,
  child: PipeSpawnRequest | TerminalSpawnRequest,
  plainly: () => Promise<ChildProcess>,
): Promise<ChildProcess> {
  const first = firstOfKernel(limits);
  // The clock is this program's own.
  if (first === undefined) return watched(Object.assign(await plainly(), { limits: timed(limits) }));
  try {
    if (!limited) {
      throw new UnenforceableLimitError(first, {
        reason: "this system or runtime keeps none",
        remedy: "use a server on Linux, on Deno or Bun",
      });
    }
    return watched(await limited.start(limits, child));
  } catch (error) {
    if (!(error instanceof NotConfinedError)) throw worded(error);
    throw worded(new UnenforceableLimitError(first, error));
  }
}

/** Has the limits of a child be seen to by whoever follows it. */
export function watched(child: ChildProcess): ChildProcess {
  const { limits } = child;
  // Not copied: its exit is still to be asked for.
  if (limits) Object.assign(child, { watchLimits: (end: () => void) => new LimitWatch(limits, end) });
  return child;
}

/** In the kind that a start fails with. */
export function worded(error: unknown): unknown {
  if (!(error instanceof UnenforceableLimitError)) return error;
  return new StartError("other", error.message, { cause: error });
}

function firstOfKernel(limits: ProcessLimits): LimitName | undefined {
  return limitNames.find((name) => name !== "wallMs" && limits[name] !== undefined);
}

function timed(asked: ProcessLimits): HeldLimits {
  return { asked, cpuSeconds: () => undefined, breached: () => [], kill() {}, release() {} };
}
