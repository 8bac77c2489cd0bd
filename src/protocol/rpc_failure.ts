import { OperationError, type OperationErrorCode } from "../native/operation_error.ts";
import { osErrorCode, osErrorText } from "../native/os_errors.ts";
import { StartError, type StartErrorReason } from "../native/start_error.ts";
import { errorCodes, RpcError } from "./errors.ts";

const codesOfOperations: Readonly<Record<OperationErrorCode, number>> = {
  INVALID: errorCodes.invalidParams,
  REFUSED: errorCodes.invalidRequest,
  MISSING: errorCodes.notFound,
  FAILED: errorCodes.internal,
};

/** Why a process did not start, as the reference server tells it in `data`. */
const startKinds: Readonly<Record<StartErrorReason, string>> = {
  notFound: "spawnNotFound",
  permissionDenied: "spawnPermissionDenied",
  sandboxUnavailable: "sandboxUnavailable",
  sandboxPreparation: "sandboxPreparation",
  other: "spawnFailed",
};

/**
 * The error that a caller gets for a failure of any kind. Of the operating system's, ENOENT is "not found", EACCES, EPERM
 * and EINVAL are refusals, and everything else is internal. Errors that already carry a protocol code pass through.
 */
export function rpcFailure(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  if (error instanceof OperationError) {
    const data = error instanceof StartError ? { kind: startKinds[error.reason] } : undefined;
    return new RpcError(codesOfOperations[error.code], error.message, { cause: error, data });
  }
  const code = osErrorCode(error);
  if (code === undefined) {
    const text = error instanceof Error ? error.message : String(error);
    return new RpcError(errorCodes.internal, text, { cause: error });
  }
  const rpcCode = code === "ENOENT"
    ? errorCodes.notFound
    : code === "EACCES" || code === "EPERM" || code === "EINVAL"
    ? errorCodes.invalidRequest
    : errorCodes.internal;
  return new RpcError(rpcCode, osErrorText(code), { cause: error });
}

/** Whether a failure is a fault of this program, which nobody had in mind. */
export function isFault(error: unknown): boolean {
  return !(error instanceof RpcError || error instanceof OperationError) && osErrorCode(error) === undefined;
}
