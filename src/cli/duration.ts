import { UsageError } from "./usage_error.ts";

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * The milliseconds of a duration such as `500ms`, `30s`, `1.5m` or `2h`; a bare number is seconds.
 *
 * @throws {UsageError} for anything else, and for nothing at all
 */
export function parseDuration(flag: string, text: string): number {
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim()) ?? [];
  const ms = Number(amount) * (units[unit] ?? NaN);
  if (!(ms > 0) || ms > 2 ** 31 - 1) {
    throw new UsageError(`Flag "--${flag}" needs a duration such as 30s, 500ms, 2m or 1h, not "${text}"`);
  }
  return ms;
}
