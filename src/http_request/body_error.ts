import { failed, type OperationError } from "../native/operation_error.ts";

/** What the reader of a body that breaks off is told. */
export function bodyError(text: string, options?: ErrorOptions): OperationError {
  return failed(`failed to read http/request response body: ${text}`, options);
}

/** Why a body is incomplete whose connection ended too early. */
export function brokenOff(): Error {
  return new Error("the connection was closed before the body was complete");
}
