import * as v from "valibot";
import { type MethodDefinition, type MethodName, methods } from "../protocol/methods.ts";

/** What a call is told besides its params. */
export interface CallOptions {
  /** Milliseconds for the answer, whatever happens to the connection; no limit by default. */
  timeoutMs?: number | undefined;
  /** Ends the wait for the answer. What was asked may happen all the same. */
  signal?: AbortSignal | undefined;
}

/** Something took longer than its caller wanted to wait, such as the answer to a call. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
  readonly code = "ETIMEDOUT";
}

/** One call on its way to its answer, over as many connections as it takes. */
export class Call {
  readonly method: MethodName;
  readonly params: unknown;
  readonly answer: Promise<unknown>;
  #sent = false;
  #settled = false;
  #resolve!: (result: unknown) => void;
  #reject!: (error: unknown) => void;

  constructor(method: MethodName, params: unknown, options: CallOptions = {}) {
    this.method = method;
    this.params = params;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.answer.catch(() => {}); // Whoever called awaits it; a late failure is nobody's.
    this.#limit(options);
  }

  /** Whether it has been sent on some connection. */
  get sent(): boolean {
    return this.#sent;
  }

  /** Whether nobody waits for it any more. */
  get settled(): boolean {
    return this.#settled;
  }

  /** What is known of its method. */
  get definition(): MethodDefinition {
    return methods[this.method];
  }

  /** It is on its way: from now on the server may have it. */
  markSent(): void {
    this.#sent = true;
  }

  /** Takes what the server answered, which may not be what the method promises. */
  accept(outcome: { readonly result: unknown } | { readonly error: Error }): void {
    if ("error" in outcome) return this.reject(outcome.error);
    const decoded = v.safeParse(methods[this.method].result as v.GenericSchema, outcome.result);
    if (decoded.success) return this.resolve(decoded.output);
    const path = v.getDotPath(decoded.issues[0]);
    const where = path === null ? "" : ` in "${path}"`;
    this.reject(
      new Error(`The server's answer to ${this.method} is wrong${where}: ${decoded.issues[0].message}`),
    );
  }

  resolve(result: unknown): void {
    this.#settled = true;
    this.#resolve(result);
  }

  reject(error: unknown): void {
    this.#settled = true;
    this.#reject(error);
  }

  #limit({ timeoutMs, signal }: CallOptions): void {
    const abort = () => this.reject(signal!.reason);
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort);
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => {
      this.reject(new TimeoutError(`The server did not answer ${this.method} within ${timeoutMs} ms`));
    }, timeoutMs);
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    this.answer.then(done, done);
  }
}
