import { RECOVERY_BACKOFF_MAX_MS, RECOVERY_BACKOFF_MS } from "../limits.ts";

/** Milliseconds before the next attempt: doubled each time, and scattered so that many clients do not come at once. */
export function backOffMs(failures: number): number {
  const full = Math.min(RECOVERY_BACKOFF_MS * 2 ** (failures - 1), RECOVERY_BACKOFF_MAX_MS);
  return full * (0.75 + Math.random() / 4);
}

/** Waits, unless it is given up meanwhile. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
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
