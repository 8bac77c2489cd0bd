import type { Logger } from "../../observe/logger.ts";
import { errorCodes, RpcError } from "../../protocol/errors.ts";
import { fromOsError } from "../../protocol/os_errors.ts";
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

/** Logs a request's failure, unless it is a refusal. */
export function logFailure(logger: Logger, connection: string, error: unknown): void {
  if (error instanceof RpcError) return;
  const { code, message } = fromOsError(error);
  if (code === errorCodes.internal) logger.error("request failed", { connection, reason: message });
}
