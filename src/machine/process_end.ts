import type { OutputLog } from "../log/output_log.ts";
import { ConnectionError } from "../transport/transport.ts";

/** How a process ended. */
export interface ProcessEnd {
  /** 0 to 255, or 128 + N for death by signal N. */
  readonly exitCode: number;
  /** The signal that ended it, such as `SIGKILL`; null where none did, or its server does not tell. */
  readonly signal: string | null;
}

/**
 * Resolves with a process's exit code once it has exited.
 *
 * @throws {ConnectionError} when it can be followed no further
 */
export function exitOf(log: OutputLog): Promise<number> {
  return new Promise((resolve, reject) => {
    const look = (): boolean => {
      if (log.exited) resolve(log.exited.exitCode);
      else if (log.failure !== undefined) reject(new ConnectionError(log.failure));
      else return false;
      log.listeners.delete(look);
      return true;
    };
    if (!look()) log.listeners.add(look);
  });
}
