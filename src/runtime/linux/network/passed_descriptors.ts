/** Descriptors that another process sends over a socket. */
import type { Libc } from "../../posix/libc.ts";
import { systemError } from "../../posix/system_error.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0x80000;
const MSG_DONTWAIT = 0x40;
const MSG_CMSG_CLOEXEC = 0x4000_0000;
/** A header of 16 bytes goes before them. */
const controlHeaderBytes = 16;
/** Where the parts of a message are in one block: its description of 56 bytes, where its bytes go, those, the descriptors. */
const [vectorAt, dataAt, controlAt] = [56, 72, 80];
const dataBytes = 8;

/** A pair of connected sockets that no child inherits. */
export function socketPair({ c, errno }: Libc): [number, number] {
  const ends = new Int32Array(2);
  if (c.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, new Uint8Array(ends.buffer)) < 0) {
    throw systemError("socketpair", errno());
  }
  return [ends[0]!, ends[1]!];
}

/**
 * Takes the descriptors out of a message that has come; none where none has. No child inherits them.
 *
 * @param atMost how many there are room for
 * @throws {Error} with `code`, such as `"EAGAIN"` where no message has come
 */
export function receiveDescriptors({ c, addressOf, errno }: Libc, socket: number, atMost: number): number[] {
  // One block, since nothing but what is handed to a call is sure to stay where it is until the call returns.
  const controlBytes = controlHeaderBytes + 8 * Math.ceil(atMost / 2);
  const block = new Uint8Array(new ArrayBuffer(controlAt + controlBytes));
  const view = new DataView(block.buffer);
  const base = addressOf(block);
  view.setBigUint64(16, base + BigInt(vectorAt), true);
  view.setBigUint64(24, 1n, true);
  view.setBigUint64(32, base + BigInt(controlAt), true);
  view.setBigUint64(40, BigInt(controlBytes), true);
  view.setBigUint64(vectorAt, base + BigInt(dataAt), true);
  view.setBigUint64(vectorAt + 8, BigInt(dataBytes), true);
  const received = c.recvmsg(socket, block, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (received < 0) throw systemError("recvmsg", errno());
  if (received === 0) return [];
  if (view.getBigUint64(40, true) < BigInt(controlHeaderBytes)) return [];
  const count = (Number(view.getBigUint64(controlAt, true)) - controlHeaderBytes) / 4;
  return Array.from(
    { length: count },
    (_, index) => view.getInt32(controlAt + controlHeaderBytes + 4 * index, true),
  );
}
