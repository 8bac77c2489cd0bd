import { adjustableNames, givenLimits, limitFaults } from "../adjustable.ts";
import { nearest } from "./nearest.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Looks at the limits that the user sets.
 *
 * @throws {UsageError} for a name that is no limit's, or none that may be set, and for a value that is no such number
 */
export function checkGivenLimits(): void {
  const names = adjustableNames();
  const stray = [...givenLimits().keys()].find((name) => !names.includes(name));
  const fault = stray === undefined ? limitFaults()[0] : noSuchLimit(stray, names);
  if (fault !== undefined) throw new UsageError(`EXEC_SERVER_LIMITS: ${fault}`);
}

function noSuchLimit(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  return `no limit "${name}" may be set; ${
    near === undefined ? `those that may are ${names.join(", ")}` : `did you mean "${near}"?`
  }`;
}
