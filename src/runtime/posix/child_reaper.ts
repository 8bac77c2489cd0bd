/** Learns how the children ended that were started through the C library. */
import { constants } from "node:os";
import process from "node:process";
import { CHILD_SWEEP_MS } from "../../limits.ts";
import type { ExitStatus } from "../../host/child_process.ts";
import type { Libc } from "./libc.ts";

const WNOHANG = 1;
/** `struct rusage`, which begins with two `struct timeval`: the user's time and the system's. */
const usageWords = 18;

// The first of several names of a number is the usual one: SIGABRT before SIGIOT, SIGIO before SIGPOLL.
const signalNames = new Map(
  Object.entries(constants.signals).reverse().map(([name, number]) => [number, name]),
);

/** Whoever is told of children. */
export interface ChildObserver {
  started(pid: number): void;
  /** Called in the turn in which its number was given back. */
  reaped(pid: number): void;
}

/**
 * Waits for children by process id, and only for its own: others, those of the runtime for example, are left to
 * whoever started them. No thread waits; SIGCHLD tells when to look, and a slow sweep is there for a lost one.
 */
export class ChildReaper {
  readonly #libc: Libc;
  readonly #children = new Map<number, (status: ExitStatus) => void>();
  readonly #status = new Int32Array(1);
  readonly #statusBytes = new Uint8Array(this.#status.buffer);
  readonly #usage = new BigInt64Array(usageWords);
  readonly #usageBytes = new Uint8Array(this.#usage.buffer);
  observer: ChildObserver | undefined;
  #sweeper: ReturnType<typeof setInterval> | undefined;

  constructor(libc: Libc) {
    this.#libc = libc;
    process.on("SIGCHLD", () => this.#sweep());
  }

  /** Resolves when the child has been reaped. Keeps the program running until then. */
  watch(pid: number): Promise<ExitStatus> {
    this.observer?.started(pid);
    this.#sweeper ??= setInterval(() => this.#sweep(), CHILD_SWEEP_MS);
    return new Promise((resolve) => this.#children.set(pid, resolve));
  }

  /** Whether a child is waited for that has not been reaped. */
  has(pid: number): boolean {
    return this.#children.has(pid);
  }

  #sweep(): void {
    for (const [pid, resolve] of this.#children) {
      const result = this.#libc.c.wait4(pid, this.#statusBytes, WNOHANG, this.#usageBytes);
      if (result === 0 || (result === pid && isStopped(this.#status[0]!))) continue;
      this.#children.delete(pid);
      this.observer?.reaped(pid);
      // A failure is ECHILD: somebody else reaped it, and its status is unknown.
      if (result !== pid) resolve({ code: null, signal: null });
      else resolve({ ...exitStatus(this.#status[0]!), cpuSeconds: this.#cpuSeconds });
    }
    if (this.#children.size === 0) {
      clearInterval(this.#sweeper);
      this.#sweeper = undefined;
    }
  }

  get #cpuSeconds(): number {
    const seconds = (at: number) =>
      Number(this.#usage[at]!) + Number(microseconds(this.#usage[at + 1]!)) / 1e6;
    return seconds(0) + seconds(2);
  }
}

/** Where this is a word of 32 bits, the others mean nothing. */
function microseconds(word: bigint): bigint {
  return BigInt.asIntN(32, word);
}

/** A child that this program traces has stopped, and has not ended. */
function isStopped(status: number): boolean {
  return (status & 0xff) === 0x7f;
}

/** What `wait4` says of a child that is gone. A signal without a name, a real-time one, is `SIG` and its number. */
export function exitStatus(status: number): ExitStatus {
  const signal = status & 0x7f;
  if (signal === 0) return { code: (status >> 8) & 0xff, signal: null };
  return { code: null, signal: signalNames.get(signal) ?? `SIG${signal}` };
}
