/**
 * Why an operation did not succeed, where it is not the operating system that says so: what was asked for cannot be
 * (`INVALID`), is not done here or now (`REFUSED`), is about what is not there (`MISSING`), or anything else (`FAILED`).
 */
export type OperationErrorCode = "INVALID" | "REFUSED" | "MISSING" | "FAILED";

/** An operation of this program failed. What the operating system says comes as its own error, `code: "ENOENT"` for example. */
export class OperationError extends Error {
  override readonly name = "OperationError";
  readonly code: OperationErrorCode;

  constructor(code: OperationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What was asked for cannot be. */
export function invalid(message: string, options?: ErrorOptions): OperationError {
  return new OperationError("INVALID", message, options);
}

/** It is not done: what it is about is in the wrong state, or a limit is reached. */
export function refused(message: string, options?: ErrorOptions): OperationError {
  return new OperationError("REFUSED", message, options);
}

/** What it is about is not there. */
export function missing(message: string, options?: ErrorOptions): OperationError {
  return new OperationError("MISSING", message, options);
}

/** Something failed that the caller could not know. */
export function failed(message: string, options?: ErrorOptions): OperationError {
  return new OperationError("FAILED", message, options);
}
