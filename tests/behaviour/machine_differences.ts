/**
 * Where a machine does not do what the suite says, and why. The suite reads it: a behaviour that is listed for a target
 * must fail there, so that no row outlives its reason.
 */

/** What the suite runs against. */
export type Target = "local" | "websocket" | "unix" | "stdio" | "codex";

export interface Difference {
  readonly behaviour: string;
  readonly target: Target;
  readonly why: string;
}

export const differences: readonly Difference[] = [];
