import type { ExecProcess } from "../exec_backend.ts";
import { ServerError } from "../machine_error.ts";
import type { CommandInput } from "./run_options.ts";

/** Writes all of an input to a process, and ends it. What the process does not want any more is not asked for. */
export async function feed(process: ExecProcess, input: CommandInput): Promise<void> {
  const parts = typeof input === "string" || input instanceof Uint8Array ? [input] : input;
  for await (const part of parts) {
    if (process.state.hasExited || await process.write(part) !== "accepted") return;
  }
  if (process.state.hasExited) return;
  await process.closeStdin().catch((error) => {
    // Where a server cannot, what was started knows how long its input is.
    if (!(error instanceof ServerError && error.code === "ENOTSUP")) throw error;
  });
}
