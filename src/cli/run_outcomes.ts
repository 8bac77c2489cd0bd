import { visibleText } from "./visible_text.ts";

/** How a command ended on one of several hosts. */
export interface RunOutcome {
  readonly host: string;
  readonly status: number;
  /** Why, where it is not the command's own status. */
  readonly reason?: string | undefined;
}

/** The status for all of them: the highest. */
export function worstStatus(outcomes: readonly RunOutcome[]): number {
  return outcomes.reduce((worst, { status }) => Math.max(worst, status), 0);
}

/** On which hosts it failed, a line for each way to; nothing where it did on none. */
export function failureLines(outcomes: readonly RunOutcome[]): string[] {
  const failed = outcomes.filter(({ status }) => status !== 0);
  if (failed.length === 0) return [];
  const hosts = new Map<string, string[]>();
  for (const { host, status, reason = `status ${status}` } of failed) {
    hosts.set(reason, [...hosts.get(reason) ?? [], host]);
  }
  const count = `failed on ${failed.length} of ${outcomes.length} host${outcomes.length === 1 ? "" : "s"}`;
  return [count, ...[...hosts].map(([why, names]) => `  ${names.sort().join(", ")}: ${visibleText(why)}`)];
}
