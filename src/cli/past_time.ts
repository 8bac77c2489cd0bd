import { parseDuration } from "./duration.ts";
import { UsageError } from "./usage_error.ts";

/** A date, with a time behind it or without; in this machine's zone where it names none. */
const date = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/i;

/**
 * A time that has been, in milliseconds since 1970: a duration such as `10m`, for so long ago, or a date.
 *
 * @throws {UsageError} for anything else
 */
export function parsePastTime(flag: string, text: string, nowMs: number): number {
  if (/^[\d.]+(ms|[smh])$/.test(text)) return Math.max(0, Math.round(nowMs - parseDuration(flag, text)));
  // Without a time, a date alone would be one of Greenwich.
  const local = text.length === 10 ? `${text}T00:00` : text.replace(" ", "T");
  const ms = date.test(text) ? Date.parse(local) : NaN;
  if (ms >= 0) return ms;
  throw new UsageError(
    `--${flag} takes the number of an event, or a time such as 10m (ago) or 2026-01-31T12:00:00Z, not "${text}"`,
  );
}
