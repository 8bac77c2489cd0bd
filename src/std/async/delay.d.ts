/** The part of `@std/async/delay` that this program calls. Source: the standard library's documentation. */

/** How a delay ends early. */
export interface DelayOptions {
  /** Ends the delay with a rejection. */
  signal?: AbortSignal;
  /** Whether the pending delay keeps the program alive; true by default. */
  persistent?: boolean;
}

/**
 * Resolves after a time.
 *
 * @param ms milliseconds
 * @throws the signal's reason when it is aborted
 */
export function delay(ms: number, options?: DelayOptions): Promise<void>;
