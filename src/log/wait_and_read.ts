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
  return waitForNews(log, options)?.then(() => log.read(options)) ?? log.read(options);
}

/** Resolves when a read has something to tell, or has waited for long enough; undefined where it need not wait. */
export function waitForNews(log: OutputLog, options: ProcessReadOptions): Promise<void> | undefined {
  return isNews(log, options) || !options.waitMs ? undefined : news(log, options);
}

async function news(log: OutputLog, options: ProcessReadOptions): Promise<void> {
  const deadline = performance.now() + Math.min(options.waitMs!, LONG_POLL_MS);
  for (;;) {
    const remaining = deadline - performance.now();
    if (isNews(log, options) || remaining <= 0 || options.signal?.aborted) return;
    await change(log, remaining, options.signal);
  }
}

/** The newest event is always retained, so any that was not seen is to be told. */
function isNews({ closed, failure, nextSeq }: OutputLog, { afterSeq = 0 }: ProcessReadOptions): boolean {
  return closed !== undefined || failure !== undefined || afterSeq < nextSeq - 1;
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
