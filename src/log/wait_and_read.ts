import { LONG_POLL_MS } from "../limits.ts";
import type { LogReadOptions, LogSlice, OutputLog } from "./output_log.ts";

/** What to read of a process's output, and how long to wait for it. */
export interface ProcessReadOptions extends LogReadOptions {
  /** Milliseconds to wait for something to answer; 0 by default. */
  waitMs?: number;
  /** Ends the wait early. */
  signal?: AbortSignal;
}

/** Retained output; where there is nothing to tell yet, and it is asked to, it waits for it. */
export function waitAndRead(
  log: OutputLog,
  options: ProcessReadOptions = {},
): LogSlice | Promise<LogSlice> {
  const slice = log.read(options);
  return isNews(log, slice, options) || !options.waitMs ? slice : readLater(log, options);
}

async function readLater(log: OutputLog, options: ProcessReadOptions): Promise<LogSlice> {
  const deadline = performance.now() + Math.min(options.waitMs!, LONG_POLL_MS);
  for (;;) {
    const slice = log.read(options);
    const remaining = deadline - performance.now();
    if (isNews(log, slice, options) || remaining <= 0 || options.signal?.aborted) return slice;
    await change(log, remaining, options.signal);
  }
}

function isNews(log: OutputLog, { chunks }: LogSlice, { afterSeq = 0 }: ProcessReadOptions): boolean {
  const { exited, closed, failure, nextSeq } = log;
  return chunks.length > 0 || closed !== undefined || failure !== undefined ||
    (exited !== undefined && afterSeq < nextSeq - 1);
}

/** Resolves at the next event, after a time, or when the wait is given up. */
function change(log: OutputLog, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      log.listeners.delete(done);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    log.listeners.add(done);
    signal?.addEventListener("abort", done);
  });
}
