/** A message of the runner that carries descriptors. */
import type { CallList } from "../runner/call_list.ts";

const [SOL_SOCKET, SCM_RIGHTS] = [1, 1];
/** Of what goes before descriptors in a message. */
const controlHeaderBytes = 16;

/** Adds a call that sends descriptors over a socket. */
export function addDescriptorMessage(list: CallList, socket: number, descriptors: readonly number[]): void {
  const sent = new Int32Array(2 * Math.ceil(descriptors.length / 2));
  sent.set(descriptors);
  // The header: its length, and that these are descriptors.
  const control = list.words(
    controlHeaderBytes + 4 * descriptors.length,
    BigInt(SOL_SOCKET) | BigInt(SCM_RIGHTS) << 32n,
    ...new BigInt64Array(sent.buffer),
  );
  const content = list.words(list.bytes(Uint8Array.of(0)), 1);
  const message = list.words(0, 0, content, 1, control, controlHeaderBytes + 4 * sent.length, 0);
  list.call("sendmsg", socket, message, 0);
}
