import type { Libc } from "./libc.ts";
import { systemError } from "./system_error.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0x80000;
const F_SETFD = 2;
const FD_CLOEXEC = 1;

/**
 * Opens a pair of connected stream sockets that no child inherits: on Linux not even one that another thread starts
 * meanwhile. Elsewhere a child is started with what it is given alone.
 *
 * @throws {Error} with `code`, such as `"EMFILE"`
 */
export function openSocketPair({ c, errno, platform }: Libc): [number, number] {
  const ends = new Int32Array(2);
  const type = platform.isLinux ? SOCK_STREAM | SOCK_CLOEXEC : SOCK_STREAM;
  if (c.socketpair(AF_UNIX, type, 0, new Uint8Array(ends.buffer)) < 0) {
    throw systemError("socketpair", errno());
  }
  if (!platform.isLinux) { for (const end of ends) c.fcntl(end, F_SETFD, FD_CLOEXEC); }
  return [ends[0]!, ends[1]!];
}
