import type { WriteStandard } from "./program_host.ts";

/**
 * Writes of several to the same streams, one at a time: behind one that has failed none is tried, and none waits for an
 * answer that a runtime's broken stream may owe it for ever.
 */
export function writeInTurn(write: WriteStandard): WriteStandard {
  const last = { stdout: Promise.resolve(), stderr: Promise.resolve() };
  return (stream, bytes) => {
    const written = last[stream].then(() => write(stream, bytes));
    last[stream] = written;
    // Whoever wrote is told; the chain alone would be an error that nobody hears.
    written.catch(() => {});
    return written;
  };
}
