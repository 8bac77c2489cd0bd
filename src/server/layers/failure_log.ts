import type { Logger } from "../../observe/logger.ts";
import { isFault, rpcFailure } from "../../protocol/rpc_failure.ts";
import type { Layer } from "../dispatcher.ts";

/** Logs what fails for a reason of this program's, not of the client's. */
export function failureLog(logger: Logger, connection: string): Layer {
  const failed = (error: unknown): never => {
    logFailure(logger, connection, error);
    throw error;
  };
  return (_call, next) => {
    try {
      const outcome = next();
      return outcome instanceof Promise ? outcome.catch(failed) : outcome;
    } catch (error) {
      return failed(error);
    }
  };
}

/** Logs a request's failure, unless it is one that may happen. */
export function logFailure(logger: Logger, connection: string, error: unknown): void {
  if (!isFault(error)) return;
  logger.error("request failed", { connection, reason: rpcFailure(error).message });
}
