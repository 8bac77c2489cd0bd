/**
 * The runner: a static program of some 500 bytes that reads a list of system calls from a descriptor and makes them, in
 * order. It has one other ability: to fork, where its child goes on with the list. It stands between a child's `fork` and
 * its `exec`, where a runtime lets nobody in, and what it does there is all data, composed in TypeScript.
 *
 * The list lies at one address, so that it can be composed with the addresses of what is in it:
 *
 *   word 0      where the first call is
 *   word 1      the descriptor that a failure is reported to
 *   ...         data that the calls point at
 *   calls       each 8 words: number, 6 arguments, and whether it must succeed
 *
 * A call that must succeed and does not is reported, by two words: where it stands, and its result.
 *
 * Whoever forks closes the descriptors up to the one that failures are reported to, and waits for its children, also for
 * those that it got by the death of others. It ends with the one that it forked, and as that one did: with its status, or
 * with 128 and the number of its signal.
 */

/** Where the list is read to. */
export const listAddress = 0x1000_0000;
/** Room for the list: more than a program's arguments and variables may have together, so that the kernel says so. */
export const listBytesAtMost = 0x40_0000;
/** Bytes of a call. */
export const callBytes = 64;
/** The descriptor that it reads the list from. */
export const listDescriptor = 3;
/** The descriptor that it reports a failure to, where the list names no other. */
export const reportDescriptor = 4;
/** Bytes before the data: the list's first words. */
export const headBytes = 16;
/** Where among them the descriptor stands that a failure is reported to. A call may change it there. */
export const reportAt = 8;
/** Its exit status after a failure. */
export const failedStatus = 127;
/** Stands in the place of a call's number for a fork; no call has it. */
export const forkNumber = 4095;
/** The signal that a child's end is told by. */
export const SIGCHLD = 17;
/** What a call answers that a signal has broken off. */
export const EINTR = 4;
