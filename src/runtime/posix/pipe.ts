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
 * Opens a pipe that no child inherits. Where another thread starts children too, one may slip in between: here all are
 * started by one.
 *
 * @throws {Error} with `code`, such as `"EMFILE"`
 */
export function openPipe({ c, errno }: Libc): Pipe {
  const ends = new Int32Array(2);
  if (c.pipe(new Uint8Array(ends.buffer)) < 0) throw systemError("pipe", errno());
  for (const end of ends) c.fcntl(end, F_SETFD, FD_CLOEXEC);
  return { read: ends[0]!, write: ends[1]! };
}

/** Makes calls on a descriptor fail with EAGAIN where they would wait. */
export function setNonBlocking({ c, platform }: Libc, descriptor: number): void {
  // A pipe's end has no other flag that could be lost by this.
  c.fcntl(descriptor, F_SETFL, platform.O_NONBLOCK);
}
