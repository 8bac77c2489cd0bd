/** Starts programs on terminals, given a way to the C library. */
import type { ChildProcess, TerminalSpawnRequest } from "../../process/child_process.ts";
import { ChildReaper } from "./child_reaper.ts";
import type { Libc } from "./libc.ts";
import { Poller } from "./poller.ts";
import { spawnOnTerminal } from "./posix_spawn.ts";
import { openPseudoTerminal } from "./pseudo_terminal.ts";
import { Terminal } from "./terminal.ts";

/** What all terminals of this program share. */
interface Shared {
  readonly libc: Libc;
  readonly poller: Poller;
  readonly reaper: ChildReaper;
}

/**
 * A function that starts programs on terminals. Nothing is opened before its first call.
 *
 * @param openLibc throws where there is no way to the C library
 */
export function terminalSpawner(openLibc: () => Libc): (request: TerminalSpawnRequest) => ChildProcess {
  let shared: Shared | undefined;
  return (request) => {
    shared ??= open(openLibc());
    return spawnTerminal(shared, request);
  };
}

function open(libc: Libc): Shared {
  return { libc, poller: new Poller(libc), reaper: new ChildReaper(libc) };
}

function spawnTerminal({ libc, poller, reaper }: Shared, request: TerminalSpawnRequest): ChildProcess {
  const pseudoTerminal = openPseudoTerminal(libc, request.size);
  let pid: number;
  try {
    pid = spawnOnTerminal(libc, request, pseudoTerminal.slavePath);
  } catch (error) {
    libc.c.close(pseudoTerminal.master);
    libc.c.close(pseudoTerminal.slave);
    throw error;
  }
  const terminal = new Terminal(libc, poller, pseudoTerminal);
  const exit = reaper.watch(pid).then((status) => {
    terminal.childExited();
    return status;
  });
  return {
    pid,
    outputs: [{ stream: "pty", source: terminal.output }],
    stdin: terminal.input,
    exit,
    resize: (size) => terminal.resize(size),
  };
}
