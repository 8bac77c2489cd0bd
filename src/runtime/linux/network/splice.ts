/** Has the kernel pass bytes from one socket to another: this program sees none of them. */
import { constants } from "node:os";
import { NETWORK_SPLICE_BYTES, NETWORK_SPLICES } from "../../../limits.ts";
import { openPipe } from "../../posix/pipe.ts";
import { systemError } from "../../posix/system_error.ts";
import type { Native } from "../../posix/native.ts";

const [SPLICE_F_MOVE, SPLICE_F_NONBLOCK] = [1, 2];
const flags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;
const { EAGAIN, EINTR, EINVAL } = constants.errno;

/** A socket, as far as it takes part. */
export interface SplicedSocket {
  readonly native: Native;
  readonly descriptor: number;
  /** Whether another call may be made before others have a turn. Throws when it is closed. */
  mayGoOn(): boolean;
  /** Throws when it is closed meanwhile. */
  until(what: "read" | "write"): Promise<void>;
}

/** How many there are: each has a pipe between its sockets. */
let open = 0;

/**
 * Passes bytes on until there have been so many, or no more come.
 *
 * @returns how many there were: fewer than were asked for where the end has come, or where it cannot be done so
 * @throws {Error} where one of them breaks
 */
export async function splice(from: SplicedSocket, to: SplicedSocket, bytes: number): Promise<number> {
  const { libc } = from.native;
  const { platform: { F_SETPIPE_SZ } } = libc;
  if (open >= NETWORK_SPLICES || F_SETPIPE_SZ === undefined) return 0;
  let pipe: { read: number; write: number };
  try {
    pipe = openPipe(libc);
  } catch {
    return 0; // Without descriptors for it, the bytes are read.
  }
  open++;
  try {
    libc.c.fcntl(pipe.write, F_SETPIPE_SZ, NETWORK_SPLICE_BYTES);
    return await passOn(from, to, pipe, bytes);
  } finally {
    open--;
    libc.c.close(pipe.read);
    libc.c.close(pipe.write);
  }
}

async function passOn(
  from: SplicedSocket,
  to: SplicedSocket,
  pipe: { readonly read: number; readonly write: number },
  bytes: number,
): Promise<number> {
  const { c, errno } = from.native.libc;
  let passed = 0;
  while (passed < bytes) {
    if (!from.mayGoOn()) {
      await from.until("read");
      continue;
    }
    const wanted = Math.min(bytes - passed, NETWORK_SPLICE_BYTES);
    const count = c.splice(from.descriptor, 0, pipe.write, 0, wanted, flags);
    if (count === 0) return passed;
    if (count > 0) {
      await drain(to, pipe.read, count);
      passed += count;
    } else if (errno() === EAGAIN || errno() === EINTR) await from.until("read");
    else if (errno() === EINVAL && passed === 0) return 0; // A kernel that does not do it.
    else throw systemError("splice", errno());
  }
  return passed;
}

async function drain(to: SplicedSocket, pipe: number, bytes: number): Promise<void> {
  const { c, errno } = to.native.libc;
  for (let left = bytes; left > 0;) {
    // It must not be looked at once it is closed: its number may be another's.
    to.mayGoOn();
    const count = c.splice(pipe, 0, to.descriptor, 0, left, flags);
    if (count > 0) left -= count;
    else if (count < 0 && errno() !== EAGAIN && errno() !== EINTR) throw systemError("splice", errno());
    else await to.until("write");
  }
}
