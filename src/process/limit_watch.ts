import { availableParallelism, constants } from "node:os";
import type { HeldLimits, LimitName, WatchedLimits } from "../host/process_limits.ts";
import { PROCESSOR_LOOK_MS } from "../limits.ts";

/** The most that a timer takes. */
const longest = 2 ** 31 - 1;

/**
 * Watches what the kernel does not end by itself, until the process has closed: what it leaves running counts, too. Tells
 * which limit a process has met.
 */
export class LimitWatch implements WatchedLimits {
  readonly #limits: HeldLimits;
  readonly #end: () => void;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #ended: LimitName | undefined;

  /** @param end ends the process */
  constructor(limits: HeldLimits, end: () => void) {
    this.#limits = limits;
    this.#end = end;
    const { wallMs, cpuSeconds } = limits.asked;
    if (wallMs !== undefined) this.#endAfter(wallMs);
    if (cpuSeconds !== undefined && limits.cpuSeconds() !== undefined) this.#watchProcessor(cpuSeconds);
  }

  /** Which limit ended a process, or refused it something; undefined where none did. */
  met(code: number, cpuSeconds: number | undefined): LimitName | undefined {
    if (this.#ended) return this.#ended;
    const { asked } = this.#limits;
    const breached = this.#limits.breached();
    if (breached.includes("memoryBytes")) return "memoryBytes";
    if (asked.cpuSeconds !== undefined && this.#usedUp(asked.cpuSeconds, code, cpuSeconds)) {
      return "cpuSeconds";
    }
    if (asked.fileBytes !== undefined && code === 128 + constants.signals.SIGXFSZ) return "fileBytes";
    return breached[0];
  }

  /** Kills what has left its session, too. */
  kill(): void {
    this.#limits.kill();
  }

  /** Nothing of the process is left that anybody follows. */
  release(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#limits.release();
  }

  /** Whoever ignores the signal of the limit is killed a second later. */
  #usedUp(limit: number, code: number, cpuSeconds = 0): boolean {
    if (code === 128 + constants.signals.SIGXCPU) return true;
    const used = this.#limits.cpuSeconds() ?? cpuSeconds;
    return code === 128 + constants.signals.SIGKILL && used >= limit;
  }

  #endAfter(ms: number): void {
    this.#after(
      Math.min(ms, longest),
      () => ms > longest ? this.#endAfter(ms - longest) : this.#stop("wallMs"),
    );
  }

  /** It cannot be reached before all processors have worked for nothing else. */
  #watchProcessor(limit: number): void {
    const left = limit - (this.#limits.cpuSeconds() ?? 0);
    if (left <= 0) return this.#stop("cpuSeconds");
    const ms = Math.max(PROCESSOR_LOOK_MS, left * 1000 / availableParallelism());
    this.#after(Math.min(ms, longest), () => this.#watchProcessor(limit));
  }

  #stop(limit: LimitName): void {
    this.#ended ??= limit;
    this.#end();
  }

  #after(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }
}
