/** Throws an error where nobody waits for it, so that it is told like any other that nobody caught, and nothing stops. */
export function throwUnawaited(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
