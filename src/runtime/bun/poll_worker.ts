/**
 * Polls on another thread. Bun's foreign function interface has no call that leaves the thread, so a worker makes it;
 * one worker, started by the first poll, serves every pipe and terminal.
 */
import { closeSync, openSync, stat } from "node:fs";
import { EARLY_CALL_THREADS, POLL_THREAD_DESCRIPTORS, POLL_THREAD_START_MS } from "../../limits.ts";

/** What this program uses of a worker, as Bun has it. */
interface BunWorker extends Worker {
  ref(): void;
  unref(): void;
}

/** Places in the shared memory: whether a call is wanted, its arguments, and whether the thread runs. */
const GO = 0, COUNT = 1, ADDRESS = 1, READY = 4;

/**
 * The worker's whole program. As text, because a compiled program holds only the modules that its bundler was told
 * of, and a worker's is not among them unless every build command names it.
 */
const source = `
  import { dlopen } from "bun:ffi";
  self.onmessage = ({ data: { library, memory } }) => {
    const { poll } = dlopen(library, { poll: { args: ["ptr", "u64", "i32"], returns: "i32" } }).symbols;
    const call = new Int32Array(memory);
    const address = new Float64Array(memory);
    Atomics.store(call, ${READY}, 1);
    Atomics.notify(call, ${READY});
    for (;;) {
      Atomics.wait(call, ${GO}, 0);
      Atomics.store(call, ${GO}, 0);
      postMessage(poll(address[${ADDRESS}], call[${COUNT}], -1));
    }
  };
`;

/** A thread that calls `poll`. */
export class PollWorker {
  readonly #library: string;
  readonly #memory = new SharedArrayBuffer(24);
  readonly #call = new Int32Array(this.#memory);
  readonly #address = new Float64Array(this.#memory);
  #worker: BunWorker | undefined;
  #answer: (result: number) => void = () => {};

  /** @param library name of the C library */
  constructor(library: string) {
    this.#library = library;
  }

  /**
   * Starts the thread, unless it runs.
   *
   * @throws {Error} with `code`: `"EMFILE"`, or `"EAGAIN"` where the process table is full
   */
  start(): void {
    if (this.#worker) return;
    probeDescriptors();
    // And those that make other calls: where the process table is full, a call that finds none would wait for ever.
    for (let i = 0; i < EARLY_CALL_THREADS; i++) stat("/", () => {});
    this.#worker = this.#start();
  }

  /** Calls `poll` without a timeout; one call at a time. Keeps the program running until it is answered. */
  poll(pollfds: number, count: number): Promise<number> {
    try {
      this.start();
    } catch {
      return Promise.resolve(-1); // It is tried again.
    }
    const worker = this.#worker!;
    return new Promise((resolve) => {
      this.#answer = (result) => {
        worker.unref();
        resolve(result);
      };
      worker.ref();
      this.#call[COUNT] = count;
      this.#address[ADDRESS] = pollfds;
      Atomics.store(this.#call, GO, 1);
      Atomics.notify(this.#call, GO);
    });
  }

  #start(): BunWorker {
    Atomics.store(this.#call, GO, 0);
    Atomics.store(this.#call, READY, 0);
    const worker = startWorker();
    worker.unref(); // Only a call keeps the program running.
    worker.onmessage = ({ data }) => this.#answer(data);
    // A thread that could not start counts as a call that failed; the next call starts another.
    worker.onerror = () => {
      this.#worker = undefined;
      this.#answer(-1);
    };
    worker.postMessage({ library: this.#library, memory: this.#memory });
    Atomics.wait(this.#call, READY, 0, POLL_THREAD_START_MS);
    if (Atomics.load(this.#call, READY) === 1) return worker;
    worker.onerror = () => {};
    worker.terminate();
    throw noThread();
  }
}

function startWorker(): BunWorker {
  const url = URL.createObjectURL(new Blob([source], { type: "application/javascript" }));
  try {
    return new Worker(url, { type: "module", smol: true } as WorkerOptions) as BunWorker;
  } catch (error) {
    URL.revokeObjectURL(url);
    throw noThread(error);
  }
}

/** It passes: a later try may find a thread. */
function noThread(cause?: unknown): Error {
  return Object.assign(new Error("The thread that polls does not start", { cause }), { code: "EAGAIN" });
}

/** Bun ends the program where a thread that starts finds no descriptor. */
function probeDescriptors(): void {
  const descriptors: number[] = [];
  try {
    for (let i = 0; i < POLL_THREAD_DESCRIPTORS; i++) descriptors.push(openSync("/dev/null", "r"));
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor);
  }
}
