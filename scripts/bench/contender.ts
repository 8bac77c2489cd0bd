import type { Target, TargetKind } from "./target.ts";

/** What is measured: a server, or a floor that a server stands on. */
export interface Contender {
  readonly name: string;
  readonly kind: TargetKind;
  /** What runs the client process, where it is not Deno: `bun run`. */
  readonly client?: readonly string[];
  /** Starts it. @throws {Error} that says why it does not */
  start(): Promise<Started>;
  /** The command line that starts a server, runs a command, and ends both; absent where it has none. */
  readonly run?: readonly string[];
  /** The command line that runs a command on a server that is there. */
  runOn?(target: Target): readonly string[];
}

/** A contender that is ready. */
export interface Started {
  readonly target: Target;
  /** Ends it and what it left behind. */
  stop(): Promise<unknown>;
}

/** A contender that is not here, and why. */
export interface Absent {
  readonly name: string;
  readonly reason: string;
}
