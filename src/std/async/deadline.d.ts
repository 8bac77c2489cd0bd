/** The part of `@std/async/deadline` that this program calls. Source: the standard library's documentation. */

/** How a wait ends early, before its deadline. */
export interface DeadlineOptions {
  /** Ends the wait with a rejection. */
  signal?: AbortSignal;
}

/**
 * Passes a promise on, or rejects when it takes longer than a time.
 *
 * @param ms milliseconds
 * @throws {DOMException} named `TimeoutError` when the time is over
 */
export function deadline<T>(p: Promise<T>, ms: number, options?: DeadlineOptions): Promise<T>;
