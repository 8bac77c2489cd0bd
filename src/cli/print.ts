import { BrokenOutput, writeOutput } from "./local_output.ts";
import { brokenPipe } from "./run_status.ts";
import type { ProgramHost } from "./program_host.ts";

/**
 * Prints a text on standard output and waits until it is taken.
 *
 * @returns the exit status: that of a broken pipe where nobody reads it to its end
 * @throws {Error} when it cannot be written, such as to a full disk
 */
export async function print(
  { writeStandard }: Pick<ProgramHost, "writeStandard">,
  text: string,
): Promise<number> {
  try {
    await writeOutput(writeStandard, "stdout", new TextEncoder().encode(text));
    return 0;
  } catch (error) {
    if (error instanceof BrokenOutput) return brokenPipe;
    throw error;
  }
}
