import { constants } from "node:os";

/** Exit statuses of `run` that are not the command's own, as other launchers have them. */
export const runStatus = { timeout: 124, ownFailure: 125, notExecutable: 126, notFound: 127 } as const;

/** The status of a command that wrote to a pipe which nobody reads any more. */
export const brokenPipe: number = 128 + (constants.signals.SIGPIPE ?? 13);

/**
 * The status for this program of a command that ended with a code. Systems take one byte of it: what is more must not
 * come out as another, and never as success.
 */
export function statusOfExit(exitCode: number): number {
  return exitCode >= 0 && exitCode <= 255 ? exitCode : 255;
}
