/** Hears of system calls that wait for an answer. */
import { constants } from "node:os";
import type { Native } from "../../posix/native.ts";
import { POLLHUP, POLLIN } from "../../posix/platform.ts";
import type { Watch } from "../../posix/poller.ts";
import { throwUnawaited } from "../../../throw_unawaited.ts";
import { type Processor, type SystemCall, systemCallNumber } from "../runner/system_calls.ts";
import { type HearingDescriptor, type Notification, NotifiedCall } from "./notified_call.ts";

/** A request of `ioctl`, which holds the size of what it is asked with. */
const RECEIVE = 0xc050_2100;
const notificationBytes = 80;
const argumentCount = 6;

/** Who decides about each call that is heard of. */
export type CallHandlers = { readonly [Call in SystemCall]?: (call: NotifiedCall) => void };

/** How a listener is made. */
export interface CallListenerOptions {
  readonly processor: Processor;
  readonly handlers: CallHandlers;
  /** Nobody is left whose calls could be heard of, or it was closed. */
  readonly onEnd?: (() => void) | undefined;
}

/**
 * Hears of the calls of a program and of all that it started. While it is not closed, each call waits for as long as its
 * handler takes; those that wait when it is closed, and all later ones, fail with ENOSYS.
 */
export class CallListener implements HearingDescriptor {
  readonly #native: Native;
  readonly #options: CallListenerOptions;
  readonly #watch: Watch;
  readonly #names: ReadonlyMap<number, SystemCall>;
  readonly #bytes = new Uint8Array(notificationBytes);
  readonly #view = new DataView(this.#bytes.buffer);
  descriptor: number | undefined;

  /** @param descriptor what the kernel tells by, which is this object's to close from now on */
  constructor(native: Native, descriptor: number, options: CallListenerOptions) {
    this.#native = native;
    this.descriptor = descriptor;
    this.#options = options;
    const calls = Object.keys(options.handlers) as SystemCall[];
    this.#names = new Map(calls.map((call) => [systemCallNumber(call, options.processor), call]));
    this.#watch = native.poller.watch(descriptor, (events) => this.#look(events));
    this.#watch.want(POLLIN);
  }

  /** Hears no more. */
  close(): void {
    if (this.descriptor === undefined) return;
    this.descriptor = undefined;
    this.#watch.close();
    this.#options.onEnd?.();
  }

  /** Asked while it has nothing to tell, the kernel would hold this thread up until it has. */
  #look(events: number): void {
    if (events & POLLIN) this.#receive();
    else if (events & POLLHUP) this.close();
  }

  #receive(): void {
    this.#bytes.fill(0);
    const { libc } = this.#native;
    // It fails where whoever waited has been killed meanwhile.
    if (libc.c.ioctl(this.descriptor!, RECEIVE, this.#bytes) < 0) return;
    const notification = this.#notification();
    const call = new NotifiedCall(libc, this.#options.processor, this, notification);
    try {
      this.#options.handlers[call.call]!(call);
    } catch (error) {
      call.fail(constants.errno.EPERM);
      throwUnawaited(error);
    }
  }

  #notification(): Notification {
    // The filter tells of no others.
    const call = this.#names.get(this.#view.getInt32(16, true))!;
    const args = Array.from(
      { length: argumentCount },
      (_, index) => this.#view.getBigUint64(32 + 8 * index, true),
    );
    return { id: this.#view.getBigUint64(0, true), pid: this.#view.getUint32(8, true), call, args };
  }
}
