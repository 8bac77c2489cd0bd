/** How a delay ends early. */
export interface DelayOptions {
  /** Ends the delay with a rejection. */
  signal?: AbortSignal;
}

/**
 * Resolves after a time.
 *
 * @param ms milliseconds
 * @throws the signal's reason when it is aborted
 */
export function delay(ms: number, { signal }: DelayOptions = {}): Promise<void> {
  if (signal?.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
