import { FLOOD_PIPE_BYTES, FLOOD_PIPES } from "../../limits.ts";
import type { Libc } from "./libc.ts";
import { systemError } from "./system_error.ts";

const F_SETFD = 2;
const F_SETFL = 4;
const FD_CLOEXEC = 1;

/** The descriptors of a pipe. */
export interface Pipe {
  readonly read: number;
  readonly write: number;
}

/**
 * Opens a pipe that no child inherits: on Linux not even one that another thread starts meanwhile. Elsewhere a child is
 * started with what it is given alone.
 *
 * @throws {Error} with `code`, such as `"EMFILE"`
 */
export function openPipe({ c, errno, platform }: Libc): Pipe {
  const ends = new Int32Array(2);
  const bytes = new Uint8Array(ends.buffer);
  if (platform.isLinux) {
    if (c.pipe2(bytes, platform.O_CLOEXEC) < 0) throw systemError("pipe2", errno());
  } else {
    if (c.pipe(bytes) < 0) throw systemError("pipe", errno());
    for (const end of ends) c.fcntl(end, F_SETFD, FD_CLOEXEC);
  }
  return { read: ends[0]!, write: ends[1]! };
}

/** Makes calls on a descriptor fail with EAGAIN where they would wait. */
export function setNonBlocking({ c, platform }: Libc, descriptor: number): void {
  // A pipe's end has no other flag that could be lost by this.
  c.fcntl(descriptor, F_SETFL, platform.O_NONBLOCK);
}

/** Pipes that are larger than the kernel made them. */
let enlarged = 0;

/**
 * Lets the kernel hold much more of what was written to a pipe and not read yet; false where it cannot, or enough pipes
 * are large. {@linkcode largePipeClosed} is to be told of its end.
 */
export function enlargePipe({ c, platform }: Libc, descriptor: number): boolean {
  const { F_SETPIPE_SZ } = platform;
  if (F_SETPIPE_SZ === undefined || enlarged >= FLOOD_PIPES) return false;
  if (c.fcntl(descriptor, F_SETPIPE_SZ, FLOOD_PIPE_BYTES) < 0) return false;
  enlarged++;
  return true;
}

/** Another pipe may be large in the place of one that was. */
export function largePipeClosed(): void {
  enlarged--;
}
