import type { ChildProcess, ProcessListing } from "../../host/child_process.ts";
import type { ChildReaper } from "./child_reaper.ts";
import type { Native } from "./native.ts";
import type { ChildDescriptor } from "./posix_spawn.ts";

/** What all children of this program share. */
export interface Shared extends Native {
  readonly reaper: ChildReaper;
  readonly processes: ProcessListing | undefined;
}

/** What a child is started with. */
export interface PreparedChild {
  readonly standard: readonly ChildDescriptor[];
  /** It runs. */
  started(pid: number): ChildProcess;
  /** It does not: nothing is left behind. */
  failed(): void;
}
