import { constants } from "node:os";
import type { ExitStatus } from "../host/child_process.ts";

/** The exit code as shells have it: the status, or 128 + N for death by signal N. Never invented: -1 when unknown. */
export function exitCode(status: ExitStatus): number {
  if (status.signal !== null) {
    // Real-time signals have no name but their number.
    const number = constants.signals[status.signal as NodeJS.Signals] ??
      Number(/^SIG(\d+)$/.exec(status.signal)?.[1]);
    return Number.isNaN(number) ? -1 : 128 + number;
  }
  return status.code ?? -1;
}
