import { deadline } from "@std/async/deadline";
import type { ExecProcess } from "./exec_backend.ts";

/** How long each step towards the end may take. */
export interface EndProcessOptions {
  /** Milliseconds from the end of its stdin to the signal that asks it to end. */
  readonly stdinMs: number;
  /** Milliseconds from that to the one that does not ask. */
  readonly signalMs: number;
}

/**
 * Ends a process that reads its stdin, more firmly from step to step: the end of its input, SIGTERM to its process
 * group, and the end of its whole session. What a server cannot do (or cannot be reached for) counts as done, so that
 * the next step follows.
 *
 * @param exited resolves when the process has exited, or cannot be followed any more
 */
export async function endProcess(
  process: ExecProcess,
  exited: Promise<void>,
  { stdinMs, signalMs }: EndProcessOptions,
): Promise<void> {
  // Neither is awaited: a write that the process does not read may come before it.
  process.closeStdin().catch(() => {});
  if (await resolvesWithin(exited, stdinMs)) return;
  process.signal("terminate").catch(() => {});
  if (await resolvesWithin(exited, signalMs)) return;
  await process.terminate().catch(() => {});
}

/** Whether a promise that does not reject is resolved in time, in milliseconds. */
export async function resolvesWithin(promise: Promise<void>, ms: number): Promise<boolean> {
  return await deadline(promise.then(() => true), ms).catch(() => false);
}
