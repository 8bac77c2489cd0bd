import type { ManagedProcess } from "../process/managed_process.ts";

/** How a process may have ended. */
export const processResults = ["success", "failure", "signal"] as const;

/** How one that has ended did. */
export function resultOf(process: ManagedProcess): (typeof processResults)[number] {
  if (process.signalName !== null) return "signal";
  return process.log.exited?.exitCode === 0 ? "success" : "failure";
}
