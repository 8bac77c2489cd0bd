/** Children on terminals. */
import type {
  ChildDescriptors,
  ChildProcess,
  ExitStatus,
  TerminalSpawnRequest,
} from "../../host/child_process.ts";
import { type PreparedChild, reapedChild, type Shared, type StartedOptions } from "./prepared_child.ts";
import { openPseudoTerminal } from "./pseudo_terminal.ts";
import { Terminal } from "./terminal.ts";

type TerminalDescriptors = Extract<ChildDescriptors, { kind: "terminal" }>;

/** Opens the terminal of a child that is to be started. */
export function prepareTerminal(shared: Shared, request: TerminalSpawnRequest): PreparedChild {
  const { libc } = shared;
  const { master, slave, slavePath } = openPseudoTerminal(libc, request.size);
  let isOurs = true;
  return {
    standard: [{ path: slavePath }, 0, 0],
    failed() {
      if (!isOurs) return;
      libc.c.close(master);
      libc.c.close(slave);
    },
    started(pid, options) {
      isOurs = false;
      return childOnTerminal(shared, pid, { kind: "terminal", master, slave }, options);
    },
  };
}

/** A child that runs on a terminal. */
export function childOnTerminal(
  shared: Shared,
  pid: number,
  descriptors: TerminalDescriptors,
  options?: StartedOptions,
): ChildProcess {
  const { libc, poller, reaper, processes } = shared;
  const terminal = new Terminal(libc, poller, descriptors);
  const reaped = reapedChild(reaper, pid, options);
  let exit: Promise<ExitStatus> | undefined;
  return {
    pid,
    outputs: [{ stream: "pty", source: terminal.output }],
    stdin: terminal.input,
    // From when it is asked for, and its output is read: a child may end before it is anybody's.
    get exit() {
      return exit ??= reaped.then(async (status) => {
        await terminal.childExited();
        return status;
      });
    },
    resize: (size) => terminal.resize(size),
    processes,
    descriptors,
  };
}
