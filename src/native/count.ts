import { invalid } from "./operation_error.ts";

/**
 * Refuses what is no number of things.
 *
 * @throws {OperationError} INVALID for anything but a whole number that is not negative
 */
export function requireCount(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 0) return;
  throw invalid(`${name} must be a whole number that is not negative, not ${value}`);
}
