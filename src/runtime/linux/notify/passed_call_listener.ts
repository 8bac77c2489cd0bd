/** The listener for the calls of a program that is being started: it comes over a pair of sockets. */
import type { Native } from "../../posix/native.ts";
import { POLLIN } from "../../posix/platform.ts";
import type { PassedDescriptor } from "../../posix/posix_spawn.ts";
import type { Watch } from "../../posix/poller.ts";
import { systemError } from "../../posix/system_error.ts";
import { receiveDescriptors, socketPair } from "../network/passed_descriptors.ts";
import type { SystemCall } from "../runner/system_calls.ts";
import { CallListener, type CallListenerOptions } from "./call_listener.ts";
import type { NotifiedCalls } from "./notify_steps.ts";

/** Above whatever is opened to make a sandbox. */
const lowestNumber = 64;

/**
 * It hears of calls as soon as it has come, which is before the program runs: that takes a call, too, which may be one of
 * those that wait.
 */
export class PassedCallListener {
  /** What the runner is to do. */
  readonly steps: NotifiedCalls;
  /** The child's end of the pair, by its own number. */
  readonly passed: PassedDescriptor;
  readonly #native: Native;
  readonly #options: CallListenerOptions;
  readonly #own: Watch;
  /** The child's end, as long as it is open here, too. */
  #other: number | undefined;
  #listener: CallListener | undefined;
  #isOpen = true;

  private constructor(native: Native, own: number, other: number, options: CallListenerOptions) {
    this.#native = native;
    this.#options = options;
    this.#other = other;
    this.steps = { calls: Object.keys(options.handlers) as SystemCall[], socket: other };
    this.passed = { source: other, number: other };
    this.#own = native.poller.watch(own, () => this.#receive(own));
  }

  /**
   * Opens the pair.
   *
   * @throws {Error} with `code`, such as `"EMFILE"`
   */
  static prepare(native: Native, options: CallListenerOptions): PassedCallListener {
    const { c, errno, platform } = native.libc;
    const [own, low] = socketPair(native.libc);
    const other = c.fcntl(low, platform.F_DUPFD_CLOEXEC, lowestNumber);
    const failure = errno();
    c.close(low);
    if (other >= 0) return new PassedCallListener(native, own, other, options);
    c.close(own);
    throw systemError("fcntl", failure);
  }

  /** The child has its end. */
  started(): void {
    this.#closeOther();
    if (this.#isOpen) this.#own.want(POLLIN);
  }

  /** Hears no more. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#closeOther();
    if (this.#listener) return this.#listener.close();
    this.#own.close();
    this.#options.onEnd?.();
  }

  /** The child has sent it, or ended before it could. */
  #receive(own: number): void {
    let descriptor: number | undefined;
    try {
      [descriptor] = receiveDescriptors(this.#native.libc, own, 1);
    } catch {
      // The start fails then, since its first call has no answer.
    }
    if (descriptor === undefined) return this.close();
    this.#own.close();
    this.#listener = new CallListener(this.#native, descriptor, this.#options);
  }

  #closeOther(): void {
    if (this.#other !== undefined) this.#native.libc.c.close(this.#other);
    this.#other = undefined;
  }
}
