import { write } from "node:fs";
import type { WriteStandard } from "../../cli/program_host.ts";
import { FULL_PIPE_MS } from "../../limits.ts";
import { delay } from "../../std/async/delay.ts";

const last = { stdout: Promise.resolve(), stderr: Promise.resolve() };

/** Writes by descriptor, on another thread: `process.stdout` stops the whole program at a full pipe. */
export const writeStandard: WriteStandard = (stream, bytes) => {
  const written = last[stream].then(() => writeAll(stream === "stdout" ? 1 : 2, bytes));
  last[stream] = written.catch(() => {});
  return written;
};

async function writeAll(descriptor: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    try {
      at += await writeSome(descriptor, bytes, at);
    } catch (error) {
      // A pipe that its other owner made non-blocking says that it is full, and nothing says when it no longer is.
      if ((error as { code?: string }).code !== "EAGAIN") throw error;
      await delay(FULL_PIPE_MS);
    }
  }
}

function writeSome(descriptor: number, bytes: Uint8Array, at: number): Promise<number> {
  return new Promise((resolve, reject) =>
    write(
      descriptor,
      bytes,
      at,
      bytes.length - at,
      null,
      (error, written) => error ? reject(error) : resolve(written),
    )
  );
}
