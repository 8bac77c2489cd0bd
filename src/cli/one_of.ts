import { UsageError } from "./usage_error.ts";

/**
 * The one of some words that was given for a flag.
 *
 * @throws {UsageError} for any other
 */
export function oneOf<const T extends string>(flag: string, text: string, values: readonly T[]): T {
  const value = values.find((value) => value === text);
  if (value === undefined) throw new UsageError(`--${flag} takes ${values.join(", ")}, not "${text}"`);
  return value;
}
