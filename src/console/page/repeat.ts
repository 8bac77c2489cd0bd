/**
 * Does something now and every so often, each time after the time before has ended. While nobody sees the page it rests; it
 * is done at once when the page is seen again.
 */
export async function repeat(
  action: () => Promise<void>,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    if (!document.hidden) await action();
    await nextTurn(everyMs, signal);
  }
}

/** Resolves when it is time, or the page is seen again, or it has been left. */
function nextTurn(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const end = () => {
      clearTimeout(timer);
      over.abort();
      resolve();
    };
    const timer = setTimeout(end, ms);
    const whenSeen = () => document.hidden || end();
    document.addEventListener("visibilitychange", whenSeen, { signal: over.signal });
    signal.addEventListener("abort", end, { signal: over.signal });
    if (signal.aborted) end();
  });
}
