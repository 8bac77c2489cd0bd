/**
 * The error codes of the protocol and the one error class that carries them.
 *
 * Clients decide on codes only: -32004 means "does not exist", -32010 "retry the resume", -32601 "unsupported".
 * Texts are for people.
 */
export const errorCodes = {
  /** Wrong state or refused: handshake order, unknown process or session, a limit, permission denied. */
  invalidRequest: -32600,
  /** The method does not exist here. */
  methodNotFound: -32601,
  /** The params do not decode, or an argument check failed. */
  invalidParams: -32602,
  /** Any other failure of the operating system or of this program. */
  internal: -32603,
  /** A path or a file handle that does not exist. */
  notFound: -32004,
  /** The session is attached to another connection. */
  sessionAttached: -32010,
} as const;

/** A number from {@linkcode errorCodes}; other servers may send others. */
export type ErrorCode = (typeof errorCodes)[keyof typeof errorCodes];

/** What an error is made with. */
export interface RpcErrorOptions extends ErrorOptions {
  /** What the answer's `data` holds, where there is more to say than a code. */
  readonly data?: unknown;
}

/** An error that is answered to the caller as `{ code, message }`, with `data` where there is any. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, options?: RpcErrorOptions) {
    super(message, options);
    this.code = code;
    this.data = options?.data;
  }
}

/** The call is refused in this state. */
export function invalidRequest(message: string, options?: RpcErrorOptions): RpcError {
  return new RpcError(errorCodes.invalidRequest, message, options);
}

/** The params are wrong. */
export function invalidParams(message: string, options?: RpcErrorOptions): RpcError {
  return new RpcError(errorCodes.invalidParams, message, options);
}

/** Something failed that the caller could not know. */
export function internalError(message: string, options?: RpcErrorOptions): RpcError {
  return new RpcError(errorCodes.internal, message, options);
}

/** A path or handle does not exist. */
export function notFound(message: string, options?: RpcErrorOptions): RpcError {
  return new RpcError(errorCodes.notFound, message, options);
}
