/** What the runner does so that some calls of the program wait for what the server says of them. */
import type { CallList } from "../runner/call_list.ts";
import type { Processor, SystemCall } from "../runner/system_calls.ts";
import { notifyingFilter } from "../sandbox/seccomp_filter.ts";
import { addDescriptorMessage } from "../network/descriptor_message.ts";

const PR_SET_NO_NEW_PRIVS = 38;
const SECCOMP_SET_MODE_FILTER = 1;
/** A listener is made; and a call that it has heard of waits on through every signal that does not end the process. */
const listenerFlags = 0x8 | 0x20;

/** Which calls, and where what listens for them is sent. */
export interface NotifiedCalls {
  readonly calls: readonly SystemCall[];
  /** The descriptor over which the listener is sent. */
  readonly socket: number;
}

/** What these steps are for. */
export const listening = "have the server hear of system calls";

/**
 * Adds the calls. Everything that the program starts is under the filter, too, and one program has one listener: the calls of
 * all who want to hear of some are in one list.
 *
 * @param descriptor the lowest free one, which the listener gets
 */
export function addNotifications(
  list: CallList,
  { calls, socket }: NotifiedCalls,
  processor: Processor,
  descriptor: number,
): void {
  const filter = notifyingFilter(calls, processor);
  const program = list.words(filter.length / 8, list.bytes(filter));
  list.to(listening)
    .call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    .call("seccomp", SECCOMP_SET_MODE_FILTER, listenerFlags, program);
  addDescriptorMessage(list, socket, [descriptor]);
  // Whoever holds it could answer its own calls.
  list.call("close", descriptor).call("close", socket);
}
