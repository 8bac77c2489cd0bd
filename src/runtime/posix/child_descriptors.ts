/** What a child has beside descriptors 0, 1 and 2: pipes, and sockets that are both. */
import { constants } from "node:os";
import type { ByteSink, ChildProcess } from "../../host/child_process.ts";
import { descriptorStream, LAST_DESCRIPTOR } from "../../protocol/descriptor_streams.ts";
import type { DescriptorRequest } from "../../protocol/schemas/descriptors.ts";
import type { Libc } from "./libc.ts";
import { openPipe } from "./pipe.ts";
import { pipeInput } from "./pipe_input.ts";
import { PipeOutput } from "./pipe_output.ts";
import type { PassedDescriptor } from "./posix_spawn.ts";
import type { PreparedChild, Shared } from "./prepared_child.ts";
import { openSocketPair } from "./socket_pair.ts";
import { systemError } from "./system_error.ts";

const SHUT_WR = 1;

/** Both sides of one descriptor: the child's, and what is read and written here. */
interface Ends {
  readonly fd: number;
  readonly theirs: number;
  readonly read?: number | undefined;
  readonly write?: number | undefined;
}

/**
 * Gives a child that is to be started more descriptors.
 *
 * @throws {Error} with `code`, such as `"EMFILE"`; nothing is left behind, nor of the child
 */
export function withDescriptors(
  shared: Shared,
  child: PreparedChild,
  requests: readonly DescriptorRequest[],
): PreparedChild {
  const { libc } = shared;
  const open: number[] = [];
  const failed = () => {
    for (const descriptor of open.splice(0)) libc.c.close(descriptor);
    child.failed();
  };
  let all: readonly Ends[];
  try {
    all = requests.map((request) => openEnds(libc, request, open));
  } catch (error) {
    failed();
    throw error;
  }
  return {
    standard: child.standard,
    passed: all.map(({ fd, theirs }): PassedDescriptor => ({ source: theirs, number: fd })),
    failed,
    started(pid, options) {
      open.length = 0;
      // The child's ends are the child's alone: only so does the end of its output show.
      for (const { theirs } of all) libc.c.close(theirs);
      const { outputs, inputs, look } = follow(shared, all);
      const started = child.started(pid, { ...options, look });
      return addTo(started, outputs, inputs);
    },
  };
}

/** Not copied: its exit is still to be asked for. What has more than a child usually has is not handed over. */
function addTo(child: ChildProcess, outputs: ChildProcess["outputs"], inputs: Map<number, ByteSink>) {
  return Object.assign(child, { outputs: [...child.outputs, ...outputs], inputs, descriptors: undefined });
}

function follow(shared: Shared, all: readonly Ends[]) {
  const { libc, poller } = shared;
  const sources = new Map<number, PipeOutput>();
  const inputs = new Map<number, ByteSink>();
  for (const { fd, read, write } of all) {
    if (read !== undefined) sources.set(fd, new PipeOutput(libc, poller, read));
    if (write === undefined) continue;
    // A socket ends for whoever reads it only when both of its descriptors here are closed, or so.
    const end = read === undefined ? undefined : () => void libc.c.shutdown(write, SHUT_WR);
    inputs.set(fd, pipeInput(shared, write, end));
  }
  const outputs = [...sources].map(([fd, source]) => ({ stream: descriptorStream(fd), source }));
  const look = () => sources.forEach((source) => source.look());
  return { outputs, inputs, look };
}

/** @param open what is to be closed where the child does not start */
function openEnds(libc: Libc, { fd, kind }: DescriptorRequest, open: number[]): Ends {
  const keep = (descriptor: number) => {
    open.push(descriptor);
    return descriptor;
  };
  if (kind !== "duplex") {
    const { read, write } = openPipe(libc);
    const [own, other] = kind === "output" ? [read, write] : [write, read];
    keep(own);
    const theirs = keep(apart(libc, other));
    return kind === "output" ? { fd, theirs, read: own } : { fd, theirs, write: own };
  }
  const [own, other] = openSocketPair(libc);
  keep(own);
  const theirs = keep(apart(libc, other));
  // Two, so that what is read and what is written is watched and ends apart.
  return { fd, theirs, read: own, write: keep(duplicate(libc, own, 0)) };
}

/** The same descriptor above all that a child may have. It takes the given one over, also where it fails. */
function apart(libc: Libc, descriptor: number): number {
  if (descriptor > LAST_DESCRIPTOR) return descriptor;
  try {
    return duplicate(libc, descriptor, LAST_DESCRIPTOR + 1);
  } finally {
    libc.c.close(descriptor);
  }
}

function duplicate({ c, errno, platform }: Libc, descriptor: number, lowest: number): number {
  const other = c.fcntl(descriptor, platform.F_DUPFD_CLOEXEC, lowest);
  if (other >= 0) return other;
  const failure = errno();
  // What it says where so high a number is above the limit.
  throw systemError("fcntl", failure === constants.errno.EINVAL ? constants.errno.EMFILE : failure);
}
