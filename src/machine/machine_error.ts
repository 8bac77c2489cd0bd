import { osErrorCode } from "../native/os_errors.ts";
import { OperationError } from "../native/operation_error.ts";
import { errorCodes, invalidParams, invalidRequest, RpcError } from "../protocol/errors.ts";
import { rpcFailure } from "../protocol/rpc_failure.ts";
import { ConnectionError } from "../transport/transport.ts";

/**
 * A machine did not do what it was asked to: a server refuses, or this machine's operating system does. What a caller may
 * act upon has a class of its own, {@linkcode NotFoundError} and {@linkcode PermissionError}; `cause` is the
 * {@linkcode RpcError}, as the protocol has it.
 */
export class ServerError extends Error {
  override readonly name: string = "ServerError";
  /**
   * What went wrong: the operating system's word, such as `ENOTEMPTY`, or one of `EINVAL` (what was asked for cannot be),
   * `ENOTSUP` (the server has no such thing), `ESANDBOX` (it cannot be confined as asked), `EREFUSED` (wrong state, or a
   * limit) and `EFAILED` (anything else).
   */
  readonly code: string;
  /** The same as the protocol numbers it, see {@linkcode errorCodes}. */
  readonly rpcCode: number;

  constructor(code: string, cause: RpcError) {
    super(cause.message, { cause });
    this.code = code;
    this.rpcCode = cause.code;
  }
}

/** A file, a directory or a program is not there: `ENOENT`. */
export class NotFoundError extends ServerError {
  override readonly name = "NotFoundError";
}

/** The machine's user may not: `EACCES` or `EPERM`. */
export class PermissionError extends ServerError {
  override readonly name = "PermissionError";
}

/**
 * Runs an operation of a machine. Whatever the operating system or a server says comes as a {@linkcode ServerError}, so
 * that this machine fails as any other does; all else is thrown as it is.
 */
export async function failingAlike<Result>(operation: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await operation();
  } catch (error) {
    throw machineError(error);
  }
}

/** What a caller of the library is told for a failure. */
export function machineError(error: unknown): unknown {
  if (error instanceof RpcError) return classify(error);
  if (error instanceof ConnectionError || error instanceof ServerError) return error;
  return error instanceof OperationError || osErrorCode(error) !== undefined
    ? classify(rpcFailure(error))
    : error;
}

function classify(error: RpcError): ServerError {
  const code = codeOf(error);
  if (code === "ENOENT") return new NotFoundError(code, error);
  if (code === "EACCES" || code === "EPERM") return new PermissionError(code, error);
  return new ServerError(code, error);
}

/** Servers put the operating system's number into the text, and say of a start in `data` why it failed. */
function codeOf(error: RpcError): string {
  const kind = (error.data as { kind?: unknown } | null | undefined)?.kind;
  return osErrorCode(error.cause) ?? osErrorCode(error) ?? codesOfKinds[String(kind)] ??
    codesOfNumbers[error.code] ?? "EFAILED";
}

const codesOfKinds: Readonly<Record<string, string>> = {
  spawnNotFound: "ENOENT",
  spawnPermissionDenied: "EACCES",
  sandboxUnavailable: "ESANDBOX",
  sandboxPreparation: "ESANDBOX",
};

const codesOfNumbers: Readonly<Record<number, string>> = {
  [errorCodes.notFound]: "ENOENT",
  [errorCodes.invalidRequest]: "EREFUSED",
  [errorCodes.invalidParams]: "EINVAL",
  [errorCodes.methodNotFound]: "ENOTSUP",
};

/** What was asked for cannot be. */
export function invalidError(message: string, options?: ErrorOptions): ServerError {
  return classify(invalidParams(message, options));
}

/** It is not done: a limit is reached, or what it is about is in the wrong state. */
export function refusedError(message: string, options?: ErrorOptions): ServerError {
  return classify(invalidRequest(message, options));
}

/** There is no such thing here. */
export function unsupportedError(message: string, options?: ErrorOptions): ServerError {
  return classify(new RpcError(errorCodes.methodNotFound, message, options));
}
