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
  const exited = reapedChild(reaper, pid, options).then(async (status) => {
    await terminal.childExited();
    return status;
  });
  let exit: Promise<ExitStatus> | undefined;
  return {
    pid,
    outputs: [{ stream: "pty", source: terminal.output }],
    stdin: terminal.input,
    // A child may end before its output is read by anybody.
    get exit() {
      return exit ??= exited.then(async (status) => {
        await terminal.giveLast();
        options?.look?.();
        return status;
      });
    },
    resize: (size) => terminal.resize(size),
    readsSecret: () => terminal.readsSecret,
    processes,
    descriptors,
  };
}
