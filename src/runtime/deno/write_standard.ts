import type { WriteStandard } from "../../cli/program_host.ts";
import { delay } from "../../std/async/delay.ts";
import { FULL_PIPE_MS } from "../../limits.ts";

const last = { stdout: Promise.resolve(), stderr: Promise.resolve() };

/** Writes through Deno's own streams: `process.stdout` of `node:process` stops the whole program at a full pipe here. */
export const writeStandard: WriteStandard = (stream, bytes) => {
  const written = last[stream].then(() => writeAll(stream === "stdout" ? Deno.stdout : Deno.stderr, bytes));
  last[stream] = written.catch(() => {});
  return written;
};

async function writeAll(target: typeof Deno.stdout, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    try {
      at += await target.write(bytes.subarray(at));
    } catch (error) {
      // A pipe that its other owner made non-blocking says that it is full, and nothing says when it no longer is.
      if ((error as { code?: string }).code !== "EAGAIN") throw error;
      await delay(FULL_PIPE_MS);
    }
  }
}
