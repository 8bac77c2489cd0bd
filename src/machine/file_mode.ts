/** @throws {TypeError} for what are no permissions */
export function checkMode(mode: unknown): number {
  if (typeof mode === "number" && Number.isInteger(mode) && mode >= 0 && mode <= 0o7777) return mode;
  throw new TypeError(`A mode is a number from 0 to 0o7777, such as 0o644, not ${JSON.stringify(mode)}`);
}
