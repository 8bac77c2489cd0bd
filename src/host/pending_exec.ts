/** Programs that processes of this machine are about to run, where somebody decides about that. */

/** What is to be run, as it was when it was looked at. */
export interface ExecQuestion {
  /** The thread that is to become the program: as a rule the only one of its process. */
  readonly pid: number;
  /** The program, absolute as the process sees it; empty where it could not be read. */
  readonly path: string;
  /** All that it is given, beginning with its name. */
  readonly argv: readonly string[];
  readonly cwd: string;
}

/** Descriptors 0, 1 and 2 of a process, as this program has them. */
export type StandardDescriptors = readonly [stdin: number, stdout: number, stderr: number];

/** What runs in the place of a program, as a child of this program. */
export interface Replacement {
  readonly pid: number;
  /** The process group that signals go to, where that is not its own. */
  readonly group?: number | undefined;
  readonly exit: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/**
 * A program that waits to be run. Nothing happens where nobody waits for the answer any more.
 *
 * Other threads of its process may put other arguments into the place of those that were looked at before the kernel reads
 * them: whoever allows it approves, and confines nothing.
 */
export interface PendingExec extends ExecQuestion {
  isWaiting(): boolean;
  /** Has it run. */
  allow(): void;
  /** Has the call fail with EPERM. */
  deny(): void;
  /**
   * Has something else run in its place, with its descriptors; its process ends as that does. Whatever ends the process
   * while it waits ends that, too. Resolves when it is over.
   *
   * @param start starts it, by this program's own copy of what was asked
   * @throws {Error} what that throws; the call has failed with its `code` then
   */
  replace(start: (standard: StandardDescriptors) => Promise<Replacement>): Promise<void>;
}

/** Decides about each program that a child and its descendants are about to run; the first one is its own. */
export type OnExec = (exec: PendingExec) => void;

/** Nobody can decide about what processes run here; the message says why and what helps. */
export class UndecidedExecsError extends Error {
  override readonly name = "UndecidedExecsError";

  /**
   * @param reason without a full stop
   * @param remedy what helps, without a full stop
   */
  constructor(reason: string, remedy: string, options?: ErrorOptions) {
    super(`This server cannot decide about what processes run: ${reason}; ${remedy}`, options);
  }
}
