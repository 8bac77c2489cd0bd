import { kill } from "node:process";
import { osErrorCode } from "../native/os_errors.ts";

/** Whether a process has this number. */
export function isRunning(pid: number): boolean {
  try {
    kill(pid, 0);
    return true;
  } catch (error) {
    return osErrorCode(error) !== "ESRCH";
  }
}
