import { UsageError } from "./usage_error.ts";

/** What a number must satisfy. */
export interface CountOptions {
  /** The least that is taken; 1 by default. */
  readonly least?: number;
}

/**
 * The whole number that was given for a flag.
 *
 * @throws {UsageError} for anything else
 */
export function parseCount(flag: string, text: string, { least = 1 }: CountOptions = {}): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || !Number.isSafeInteger(value)) {
    throw new UsageError(`--${flag} takes a whole number of at least ${least}, not "${text}"`);
  }
  return value;
}
