import type { ChildProcess, ExitStatus, ProcessListing } from "../../host/child_process.ts";
import type { ChildReaper } from "./child_reaper.ts";
import type { Native } from "./native.ts";
import type { ChildDescriptor, PassedDescriptor } from "./posix_spawn.ts";

/** What all children of this program share. */
export interface Shared extends Native {
  readonly reaper: ChildReaper;
  readonly processes: ProcessListing | undefined;
}

/** What comes with a child. */
export interface StartedOptions {
  /** What is to be done when it has been reaped, and before anybody learns of it. */
  readonly afterExit?: (() => Promise<void>) | undefined;
  /** Gives whoever reads its other descriptors what there is: called before its exit is told. */
  readonly look?: (() => void) | undefined;
}

/** What a child is started with. */
export interface PreparedChild {
  readonly standard: readonly ChildDescriptor[];
  /** What it has beside those; nothing by default. Their sources are above all numbers that a child may have. */
  readonly passed?: readonly PassedDescriptor[] | undefined;
  /** It runs. */
  started(pid: number, options?: StartedOptions): ChildProcess;
  /** It does not: nothing is left behind. */
  failed(): void;
}

/** Resolves when a child has been reaped, and what is to be done then is done; whatever comes of that, it has ended. */
export function reapedChild(
  reaper: ChildReaper,
  pid: number,
  { afterExit }: StartedOptions = {},
): Promise<ExitStatus> {
  const reaped = reaper.watch(pid);
  return afterExit ? reaped.then((status) => afterExit().then(() => status, () => status)) : reaped;
}
