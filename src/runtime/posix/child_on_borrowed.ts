/** Children that have descriptors of others, whose output nobody here reads. */
import type { BorrowingSpawnRequest } from "../../host/child_process.ts";
import { type PreparedChild, reapedChild, type Shared } from "./prepared_child.ts";

/** Prepares one. The descriptors stay whose they are. */
export function prepareBorrowing(shared: Shared, { standard }: BorrowingSpawnRequest): PreparedChild {
  return {
    standard,
    failed() {},
    started: (pid, options) => ({
      pid,
      outputs: [],
      stdin: null,
      exit: reapedChild(shared.reaper, pid, options),
      processes: shared.processes,
    }),
  };
}
