import { deadline } from "../std/async/deadline.ts";
import type { ExecProcess } from "./exec_backend.ts";

/** How long each step towards the end may take. */
export interface EndProcessOptions {
  /** Milliseconds from the end of its stdin to the signal that asks it to end. */
  readonly stdinMs: number;
  /** Milliseconds from that to the one that does not ask. */
  readonly signalMs: number;
}

/**
 * Ends a process that reads its stdin, more firmly from step to step: the end of its input, SIGTERM (or SIGINT) to
 * its process group, and the end of its whole session. A step that its server refuses is passed over.
 *
 * @param exited resolves when the process has exited, or cannot be followed any more
 */
export async function endProcess(
  process: ExecProcess,
  exited: Promise<void>,
  { stdinMs, signalMs }: EndProcessOptions,
): Promise<void> {
  if (await step(process.closeStdin(), exited, stdinMs)) return;
  // Every server knows the signal `interrupt`, if no other.
  const signalled = process.signal("terminate").catch(() => process.signal("interrupt"));
  if (await step(signalled, exited, signalMs)) return;
  await process.terminate().catch(() => {});
}

/** Waits for the exit, but not where what leads to it was refused. @returns whether it came */
async function step(asked: Promise<unknown>, exited: Promise<void>, ms: number): Promise<boolean> {
  let over = false;
  exited.then(() => over = true);
  // That it was accepted says nothing yet, and may take long: a write that the process does not read goes before it.
  const refused = new Promise<void>((resolve) => asked.catch(() => resolve()));
  await resolvesWithin(Promise.race([exited, refused]), ms);
  return over;
}

/** Whether a promise that does not reject is resolved in time, in milliseconds. */
export async function resolvesWithin(promise: Promise<void>, ms: number): Promise<boolean> {
  return await deadline(promise.then(() => true), ms).catch(() => false);
}
