import { constants, fstatSync, openSync, write } from "node:fs";
import type { WriteStandard } from "../../cli/program_host.ts";
import { FULL_PIPE_MS } from "../../limits.ts";
import { delay } from "../../std/async/delay.ts";

const last = { stdout: Promise.resolve(), stderr: Promise.resolve() };

/** Writes by descriptor: `process.stdout` stops the whole program at a full pipe. */
export const writeStandard: WriteStandard = (stream, bytes) => {
  const written = last[stream].then(() => writeAll(descriptors[stream] ??= open(stream), bytes));
  last[stream] = written.catch(() => {});
  return written;
};

const descriptors: { stdout?: number; stderr?: number } = {};

/**
 * A pipe is opened once more, so that a write to a full one does not wait, and whoever else writes to it notices nothing: a
 * thread that waits would keep the program from ending.
 */
function open(stream: "stdout" | "stderr"): number {
  const descriptor = stream === "stdout" ? 1 : 2;
  try {
    if (!fstatSync(descriptor).isFIFO()) return descriptor;
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return descriptor; // Nobody reads it, or the system has no such paths.
  }
}

async function writeAll(descriptor: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    try {
      at += await writeSome(descriptor, bytes, at);
    } catch (error) {
      // Nothing says when there is room.
      if ((error as { code?: string }).code !== "EAGAIN") throw error;
      await delay(FULL_PIPE_MS);
    }
  }
}

function writeSome(descriptor: number, bytes: Uint8Array, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, written: number) => error ? reject(error) : resolve(written);
    write(descriptor, bytes, at, bytes.length - at, null, done);
  });
}
