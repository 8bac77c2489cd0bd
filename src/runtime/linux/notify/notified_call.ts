/** A system call that waits until it is said what becomes of it. */
import type { Libc } from "../../posix/libc.ts";
import { systemError } from "../../posix/system_error.ts";
import type { Processor, SystemCall } from "../runner/system_calls.ts";
import { OtherMemory } from "./other_memory.ts";

/** Requests of `ioctl`, which hold the sizes of what they are asked with. */
const [SEND, ID_VALID, ADDFD] = [0xc018_2101, 0x4008_2102, 0x4018_2103];
const FLAG_CONTINUE = 1;
const ADDFD_FLAG_SETFD = 1;
const O_CLOEXEC = 0x80000;

/** What came with a notification. */
export interface Notification {
  readonly id: bigint;
  /** The thread that makes the call, by the number that this program knows it under. */
  readonly pid: number;
  readonly call: SystemCall;
  readonly args: readonly bigint[];
}

/** What calls are heard of by. */
export interface HearingDescriptor {
  /** Undefined once it is closed: others may have its number then. */
  readonly descriptor: number | undefined;
}

/** What a descriptor becomes there. */
export interface AddedDescriptor {
  /** The number that it gets, where another may have stood; the lowest free one by default. */
  readonly number?: number | undefined;
  /** Whether a program that is run then has it, too. False by default. */
  readonly outlivesExec?: boolean;
}

/**
 * One call. It is answered once, by one of the methods that say how; they are false where nobody waits for it any more, as
 * when the process has been killed.
 *
 * Whoever lets it go on knows what its arguments were: other threads may write others into memory before the kernel reads
 * them. What has to be sure is done here, and answered with its result.
 */
export class NotifiedCall implements Notification {
  readonly id: bigint;
  readonly pid: number;
  readonly call: SystemCall;
  readonly args: readonly bigint[];
  /** As it was when it was first read. */
  readonly memory: OtherMemory;
  readonly #libc: Libc;
  readonly #listener: HearingDescriptor;

  /** @param listener what the call was heard of by; once that is closed, nobody waits for an answer any more */
  constructor(libc: Libc, processor: Processor, listener: HearingDescriptor, notification: Notification) {
    this.id = notification.id;
    this.pid = notification.pid;
    this.call = notification.call;
    this.args = notification.args;
    this.memory = new OtherMemory(libc, processor, this.pid);
    this.#libc = libc;
    this.#listener = listener;
  }

  /** An argument that is an address or a size. */
  address(index: number): number {
    return Number(this.args[index]!);
  }

  /** An argument that is an `int`, such as a descriptor. */
  int(index: number): number {
    return Number(BigInt.asIntN(32, this.args[index]!));
  }

  /** Whether it still waits. What was read of its process before that is its own. */
  isWaiting(): boolean {
    const id = new Uint8Array(8);
    new DataView(id.buffer).setBigUint64(0, this.id, true);
    return this.#ask(ID_VALID, id) === 0;
  }

  /** Has the kernel make it, as if nobody had asked. */
  goOn(): boolean {
    return this.#answer(0n, 0, FLAG_CONTINUE);
  }

  /** Has it fail; nothing is done. */
  fail(errno: number): boolean {
    return this.#answer(0n, -errno, 0);
  }

  /** Has it succeed with a result; the kernel does nothing. */
  succeed(result = 0): boolean {
    return this.#answer(BigInt(result), 0, 0);
  }

  /**
   * Gives the process a copy of a descriptor, while it waits.
   *
   * @returns its number there
   * @throws {Error} with `code`, such as `"ENOENT"` where nobody waits any more
   */
  addDescriptor(descriptor: number, { number, outlivesExec = false }: AddedDescriptor = {}): number {
    const request = new Uint8Array(24);
    const view = new DataView(request.buffer);
    view.setBigUint64(0, this.id, true);
    view.setUint32(8, number === undefined ? 0 : ADDFD_FLAG_SETFD, true);
    view.setUint32(12, descriptor, true);
    view.setUint32(16, number ?? 0, true);
    view.setUint32(20, outlivesExec ? 0 : O_CLOEXEC, true);
    const added = this.#ask(ADDFD, request);
    if (added < 0) throw systemError("Adding a descriptor to a process", this.#libc.errno());
    return added;
  }

  #answer(result: bigint, error: number, flags: number): boolean {
    const answer = new Uint8Array(24);
    const view = new DataView(answer.buffer);
    view.setBigUint64(0, this.id, true);
    view.setBigInt64(8, result, true);
    view.setInt32(16, error, true);
    view.setUint32(20, flags, true);
    return this.#ask(SEND, answer) === 0;
  }

  #ask(request: number, bytes: Uint8Array): number {
    const { descriptor } = this.#listener;
    return descriptor === undefined ? -1 : this.#libc.c.ioctl(descriptor, request, bytes);
  }
}
