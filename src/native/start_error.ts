import { OperationError } from "./operation_error.ts";

/** What keeps a process from being started, as far as somebody may act upon it. */
export type StartErrorReason =
  | "notFound"
  | "permissionDenied"
  | "sandboxUnavailable"
  | "sandboxPreparation"
  | "other";

/** A process could not be started. */
export class StartError extends OperationError {
  readonly reason: StartErrorReason;

  constructor(reason: StartErrorReason, message: string, options?: ErrorOptions) {
    super("FAILED", message, options);
    this.reason = reason;
  }
}
