import { failureText, osErrorCode } from "../native/os_errors.ts";
import type { OutputStream } from "../protocol/schemas/process.ts";
import type { WriteStandard } from "./program_host.ts";

/** Nobody reads this program's output any more. */
export class BrokenOutput extends Error {
  override readonly name = "BrokenOutput";
}

/**
 * Writes a process's bytes to this program's stdout or stderr and waits until they are taken.
 *
 * @throws {BrokenOutput} when the reader is gone
 * @throws {Error} when they cannot be written for another reason, such as a full disk
 */
export async function writeOutput(
  write: WriteStandard,
  stream: OutputStream,
  bytes: Uint8Array,
): Promise<void> {
  const target = stream === "stderr" ? "stderr" : "stdout";
  try {
    await write(target, bytes);
  } catch (error) {
    const code = osErrorCode(error);
    const { message } = error as Error;
    if (code === "EPIPE") throw new BrokenOutput(message, { cause: error });
    throw new Error(`Cannot write to ${target}: ${failureText(error)}`, { cause: error });
  }
}
