/**
 * Polls on another thread. Bun's foreign function interface has no call that leaves the thread, so a worker makes it;
 * one worker, started by the first poll, serves every pipe and terminal.
 */

/** What this program uses of a worker, as Bun has it. */
interface BunWorker extends Worker {
  ref(): void;
  unref(): void;
}

/** Places in the shared memory: whether a call is wanted, and its arguments. */
const GO = 0, COUNT = 1, ADDRESS = 1;

/**
 * The worker's whole program. As text, because a compiled program holds only the modules that its bundler was told
 * of, and a worker's is not among them unless every build command names it.
 */
const source = `
  import { dlopen } from "bun:ffi";
  self.onmessage = ({ data: { library, memory } }) => {
    const { poll } = dlopen(library, { poll: { args: ["ptr", "u64", "i32"], returns: "i32" } }).symbols;
    const call = new Int32Array(memory, 0, 2);
    const address = new Float64Array(memory);
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
  readonly #memory = new SharedArrayBuffer(16);
  readonly #call = new Int32Array(this.#memory, 0, 2);
  readonly #address = new Float64Array(this.#memory);
  #worker: BunWorker | undefined;
  #answer: (result: number) => void = () => {};

  /** @param library name of the C library */
  constructor(library: string) {
    this.#library = library;
  }

  /** Calls `poll` without a timeout; one call at a time. Keeps the program running until it is answered. */
  poll(pollfds: number, count: number): Promise<number> {
    const worker = this.#worker ??= this.#start();
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
    const url = URL.createObjectURL(new Blob([source], { type: "application/javascript" }));
    const worker = new Worker(url, { type: "module", smol: true } as WorkerOptions) as BunWorker;
    worker.onmessage = ({ data }) => this.#answer(data);
    // A thread that could not start counts as a call that failed; the next call starts another.
    worker.onerror = () => {
      this.#worker = undefined;
      this.#answer(-1);
    };
    worker.postMessage({ library: this.#library, memory: this.#memory });
    return worker;
  }
}
