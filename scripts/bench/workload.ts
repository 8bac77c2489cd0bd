import type { Contender } from "./contender.ts";
import type { Metric, Numbers } from "./metric.ts";
import type { Shell } from "./shells/shell.ts";
import type { TargetKind } from "./target.ts";

/** How much work is done. */
export interface Scale {
  /** Whether an impression is enough: about a tenth of the work. */
  readonly quick: boolean;
}

/** One workload: it drives one target from one client process. Each way of doing it returns numbers by metric. */
export interface Workload {
  readonly name: string;
  readonly metrics: readonly Metric[];
  /** Whom it is measured with. Every workload is measured with the servers of the protocol. */
  readonly besides: readonly Exclude<TargetKind, "server">[];
  /** Whether each round gets a server of its own. */
  readonly isFresh?: true;
  /** Whether a quick bench leaves it out. */
  readonly isLong?: true;
  /** Rounds to be content with, where one costs much or varies little. */
  readonly rounds?: number;
  /** Over the protocol. */
  run?(target: { readonly url: string; readonly pid: number }, scale: Scale): Promise<Numbers>;
  /** The same with whatever else can run a command. */
  runShell?(shell: Shell, scale: Scale): Promise<Numbers>;
  /** Instead of both: without a client process, where the start itself is what is measured. */
  runContender?(contender: Contender): Promise<Numbers>;
}
