/** Children behind pipes. */
import { setImmediate } from "node:timers";
import type {
  ChildDescriptors,
  ChildProcess,
  ExitStatus,
  PipeSpawnRequest,
} from "../../host/child_process.ts";
import { cString } from "./c_strings.ts";
import { openPipe, type Pipe } from "./pipe.ts";
import { pipeInput } from "./pipe_input.ts";
import { PipeOutput } from "./pipe_output.ts";
import { type PreparedChild, reapedChild, type Shared, type StartedOptions } from "./prepared_child.ts";

type PipeDescriptors = Extract<ChildDescriptors, { kind: "pipes" }>;

const devNull = { path: cString("/dev/null") };

/** Opens the pipes of a child that is to be started. */
export function preparePipes(shared: Shared, request: PipeSpawnRequest): PreparedChild {
  const { libc } = shared;
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
      started(pid, options) {
        pipes.length = 0;
        // The child's ends are the child's alone: only so does the end of its output show.
        const theirs = [stdin?.read, stdout.write, stderr.write].filter((end) => end !== undefined);
        for (const end of theirs) shared.libc.c.close(end);
        return childOnPipes(shared, pid, {
          kind: "pipes",
          stdin: stdin?.write ?? null,
          stdout: stdout.read,
          stderr: stderr.read,
        }, options);
      },
    };
  } catch (error) {
    failed();
    throw error;
  }
}

/** A child that runs behind pipes. */
export function childOnPipes(
  shared: Shared,
  pid: number,
  descriptors: PipeDescriptors,
  options?: StartedOptions,
): ChildProcess {
  const { libc, poller, reaper, processes } = shared;
  const output = new PipeOutput(libc, poller, descriptors.stdout);
  const errors = new PipeOutput(libc, poller, descriptors.stderr);
  const reaped = reapedChild(reaper, pid, options);
  let exit: Promise<ExitStatus> | undefined;
  return {
    pid,
    outputs: [{ stream: "stdout", source: output }, { stream: "stderr", source: errors }],
    stdin: descriptors.stdin === null ? null : pipeInput(shared, descriptors.stdin),
    // A child may end before its output is read by anybody.
    get exit() {
      return exit ??= reaped.then((status) => {
        // What it wrote before its exit is read before its exit is told, in its order, if that is known.
        poller.look();
        output.look();
        errors.look();
        options?.look?.();
        return new Promise<ExitStatus>((resolve) => setImmediate(() => resolve(status)));
      });
    },
    processes,
    descriptors,
  };
}
