import { UsageError } from "./usage_error.ts";

const units: Record<string, number> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/**
 * The bytes of a size such as `512m`, `2g` or `1.5GiB`; a bare number is bytes.
 *
 * @throws {UsageError} for anything else, and for nothing at all
 */
export function parseSize(flag: string, text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(?:([kmgt])(?:i?b)?|b)?$/i.exec(text.trim()) ?? [];
  const bytes = Math.floor(Number(amount) * (unit === undefined ? 1 : units[unit.toLowerCase()]!));
  if (!(bytes >= 1) || !Number.isSafeInteger(bytes)) {
    throw new UsageError(`--${flag} takes a size such as 512m, 2g or 1048576, not "${text}"`);
  }
  return bytes;
}
