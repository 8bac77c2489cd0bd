import { limitNames, type ProcessLimits } from "../host/process_limits.ts";

/** What is asked for, but nowhere more than the ceilings. */
export function lowerLimits(
  asked: ProcessLimits | undefined,
  ceilings: ProcessLimits | undefined,
): ProcessLimits | undefined {
  if (!asked || !ceilings) return asked ?? ceilings;
  const entries = limitNames.map((name) => {
    const [wanted, most] = [asked[name], ceilings[name]];
    return [name, wanted === undefined || most === undefined ? wanted ?? most : Math.min(wanted, most)];
  });
  return Object.fromEntries(entries);
}
