/** How a wait ends early, before its deadline. */
export interface DeadlineOptions {
  /** Ends the wait with a rejection. */
  signal?: AbortSignal;
}

/**
 * Passes a promise on, or rejects when it takes longer than a time.
 *
 * @param ms milliseconds; without end from 2^31 on
 * @throws {DOMException} named `TimeoutError` when the time is over
 * @throws the signal's reason when it is aborted
 */
export function deadline<T>(promise: Promise<T>, ms: number, { signal }: DeadlineOptions = {}): Promise<T> {
  if (signal?.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const settle = (how: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      how();
    };
    const expire = () => settle(() => reject(new DOMException("Signal timed out.", "TimeoutError")));
    const abort = () => settle(() => reject(signal!.reason));
    // A longer timer would fire at once.
    const timer = ms < 2 ** 31 ? setTimeout(expire, ms) : undefined;
    signal?.addEventListener("abort", abort, { once: true });
    promise.then((value) => settle(() => resolve(value)), (error) => settle(() => reject(error)));
  });
}
