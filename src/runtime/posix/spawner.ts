/** Starts programs behind pipes and on terminals, given a way to the C library. */
import { setImmediate } from "node:timers";
import type {
  ByteSink,
  ChildProcess,
  ExitStatus,
  PipeSpawnRequest,
  ProcessListing,
  ProcessSpawner,
  TerminalSpawnRequest,
} from "../../host/child_process.ts";
import { cString } from "./c_strings.ts";
import { ChildReaper } from "./child_reaper.ts";
import { DescriptorInput } from "./descriptor_input.ts";
import { keepFromChildren } from "./inherited_descriptors.ts";
import { watchMounts } from "./mount_watch.ts";
import type { Native } from "./native.ts";
import { openPipe, type Pipe, setNonBlocking } from "./pipe.ts";
import { PipeOutput } from "./pipe_output.ts";
import { type ChildDescriptor, spawnSession, spawnSessionOffThread } from "./posix_spawn.ts";
import { processListing } from "./process_listing.ts";
import { openPseudoTerminal } from "./pseudo_terminal.ts";
import { isExhausted } from "./shared_libc.ts";
import { Terminal } from "./terminal.ts";

/** What all children of this program share. */
interface Shared extends Native {
  readonly reaper: ChildReaper;
  readonly processes: ProcessListing | undefined;
}

/**
 * Starts programs through the C library, which is opened by the first call.
 *
 * @param openNative throws where there is no way to it; so does every start on a terminal then
 * @param spawnPipesOtherwise starts programs behind pipes where there is no way to it
 */
export function posixSpawner(
  openNative: () => Native,
  spawnPipesOtherwise: ProcessSpawner["spawnPipes"],
): ProcessSpawner {
  let opened: { shared: Shared } | { reason: unknown } | undefined;
  return {
    spawnPipes(request) {
      opened ??= open(openNative);
      return "shared" in opened ? spawnPipes(opened.shared, request) : spawnPipesOtherwise(request);
    },
    spawnTerminal(request) {
      opened ??= open(openNative);
      if ("reason" in opened) throw opened.reason;
      return spawnTerminal(opened.shared, request);
    },
    inTime: {
      async spawnPipes(request) {
        opened ??= open(openNative);
        return "shared" in opened
          ? await spawnPipesInTime(opened.shared, request)
          : spawnPipesOtherwise(request);
      },
      async spawnTerminal(request) {
        opened ??= open(openNative);
        if ("reason" in opened) throw opened.reason;
        return await spawnTerminalInTime(opened.shared, request);
      },
    },
  };
}

function open(openNative: () => Native): { shared: Shared } | { reason: unknown } {
  let native: Native;
  try {
    native = openNative();
  } catch (reason) {
    // A later start may find some.
    if (isExhausted(reason)) throw reason;
    return { reason };
  }
  const { libc } = native;
  keepFromChildren(libc);
  watchMounts(libc);
  return { shared: { ...native, reaper: new ChildReaper(libc), processes: processListing(libc.c) } };
}

const devNull = { path: cString("/dev/null") };

function spawnPipes(shared: Shared, request: PipeSpawnRequest): ChildProcess {
  const child = preparePipes(shared, request);
  try {
    return child.started(spawnSession(shared.libc, request, child.standard));
  } catch (error) {
    child.failed();
    throw error;
  }
}

async function spawnPipesInTime(shared: Shared, request: PipeSpawnRequest): Promise<ChildProcess> {
  const child = preparePipes(shared, request);
  try {
    return child.started(await spawnSessionOffThread(shared.libc, request, child.standard));
  } catch (error) {
    child.failed();
    throw error;
  }
}

/** What a child is started with. */
interface Prepared {
  readonly standard: readonly ChildDescriptor[];
  /** It runs. */
  started(pid: number): ChildProcess;
  /** It does not: nothing is left behind. */
  failed(): void;
}

function preparePipes({ libc, poller, reaper, processes }: Shared, request: PipeSpawnRequest): Prepared {
  const pipes: Pipe[] = [];
  const failed = () => {
    for (const { read, write } of pipes.splice(0)) {
      libc.c.close(read);
      libc.c.close(write);
    }
  };
  const pipe = () => {
    const opened = openPipe(libc);
    pipes.push(opened);
    return opened;
  };
  try {
    const stdin = request.stdin === "pipe" ? pipe() : undefined;
    const [stdout, stderr] = [pipe(), pipe()];
    return {
      standard: [stdin?.read ?? devNull, stdout.write, stderr.write],
      failed,
      started(pid) {
        pipes.length = 0;
        // The child's ends are the child's alone: only so does the end of its output show.
        const theirs = [stdin?.read, stdout.write, stderr.write].filter((end) => end !== undefined);
        for (const end of theirs) libc.c.close(end);
        const [output, errors] = [stdout, stderr].map(({ read }) => new PipeOutput(libc, poller, read));
        const exit = reaper.watch(pid).then((status) => {
          // What it wrote before its exit is read before its exit is told, in its order, if that is known.
          poller.look();
          output!.look();
          errors!.look();
          return new Promise<ExitStatus>((resolve) => setImmediate(() => resolve(status)));
        });
        return {
          pid,
          outputs: [{ stream: "stdout", source: output! }, { stream: "stderr", source: errors! }],
          stdin: stdin ? inputOf({ libc, poller }, stdin) : null,
          exit,
          processes,
        };
      },
    };
  } catch (error) {
    failed();
    throw error;
  }
}

/** What writes to a child's pipe, and closes it. */
function inputOf({ libc, poller }: Pick<Shared, "libc" | "poller">, { write }: Pipe): ByteSink {
  setNonBlocking(libc, write);
  const watch = poller.watch(write, (events) => input.onReady(events));
  const input = new DescriptorInput(libc, write, watch, () => watch.close());
  return input;
}

function spawnTerminal(shared: Shared, request: TerminalSpawnRequest): ChildProcess {
  const child = prepareTerminal(shared, request);
  try {
    return child.started(spawnSession(shared.libc, request, child.standard));
  } catch (error) {
    child.failed();
    throw error;
  }
}

async function spawnTerminalInTime(shared: Shared, request: TerminalSpawnRequest): Promise<ChildProcess> {
  const child = prepareTerminal(shared, request);
  try {
    return child.started(await spawnSessionOffThread(shared.libc, request, child.standard));
  } catch (error) {
    child.failed();
    throw error;
  }
}

function prepareTerminal(
  { libc, poller, reaper, processes }: Shared,
  request: TerminalSpawnRequest,
): Prepared {
  const pseudoTerminal = openPseudoTerminal(libc, request.size);
  let isOurs = true;
  return {
    standard: [{ path: pseudoTerminal.slavePath }, 0, 0],
    failed() {
      if (!isOurs) return;
      libc.c.close(pseudoTerminal.master);
      libc.c.close(pseudoTerminal.slave);
    },
    started(pid) {
      isOurs = false;
      const terminal = new Terminal(libc, poller, pseudoTerminal);
      const exit = reaper.watch(pid).then(async (status) => {
        await terminal.childExited();
        return status;
      });
      return {
        pid,
        outputs: [{ stream: "pty", source: terminal.output }],
        stdin: terminal.input,
        exit,
        resize: (size) => terminal.resize(size),
        processes,
      };
    },
  };
}
