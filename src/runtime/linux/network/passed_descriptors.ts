/** Descriptors that another process sends over a socket. */
import type { Libc } from "../../posix/libc.ts";
import { systemError } from "../../posix/system_error.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0x80000;
const MSG_DONTWAIT = 0x40;
const MSG_CMSG_CLOEXEC = 0x4000_0000;
const messageBytes = 56;
/** A header of 16 bytes goes before them. */
const controlHeaderBytes = 16;

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
 */
export function receiveDescriptors({ c, addressOf }: Libc, socket: number, atMost: number): number[] {
  const data = new Uint8Array(8);
  const control = new Uint8Array(controlHeaderBytes + 8 * Math.ceil(atMost / 2));
  const vector = new BigUint64Array([addressOf(data), BigInt(data.length)]);
  const vectorBytes = new Uint8Array(vector.buffer);
  const message = new Uint8Array(messageBytes);
  const view = new DataView(message.buffer);
  view.setBigUint64(16, addressOf(vectorBytes), true);
  view.setBigUint64(24, 1n, true);
  view.setBigUint64(32, addressOf(control), true);
  view.setBigUint64(40, BigInt(control.length), true);
  if (c.recvmsg(socket, message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) <= 0) return [];
  if (view.getBigUint64(40, true) < BigInt(controlHeaderBytes)) return [];
  const controlView = new DataView(control.buffer);
  const count = (Number(controlView.getBigUint64(0, true)) - controlHeaderBytes) / 4;
  return Array.from(
    { length: count },
    (_, index) => controlView.getInt32(controlHeaderBytes + 4 * index, true),
  );
}
