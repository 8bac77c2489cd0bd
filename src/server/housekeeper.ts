import { cpuUsage } from "node:process";
import { HOUSEKEEPING_MS, HOUSEKEEPING_WORK_MS, IDLE_PROCESSOR_SHARE } from "../limits.ts";

/**
 * Gives memory back once the server is idle after work: a runtime that has nothing to do collects no garbage, and what
 * many processes printed would stay resident for as long as nothing else happens.
 */
export class Housekeeper {
  readonly #tidy: () => Promise<void>;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Milliseconds of processor time at the last look, and when it was last tidy. */
  #lastLook = processorMs();
  #lastTidy = this.#lastLook;
  #tidying = false;

  constructor(tidy: () => Promise<void>) {
    this.#tidy = tidy;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), HOUSEKEEPING_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#tidying) return;
    const now = processorMs();
    const busy = now - this.#lastLook > HOUSEKEEPING_MS * IDLE_PROCESSOR_SHARE;
    this.#lastLook = now;
    if (busy || now - this.#lastTidy < HOUSEKEEPING_WORK_MS) return;
    this.#tidying = true;
    try {
      await this.#tidy();
    } finally {
      this.#tidying = false;
      // Its own work is none that leaves anything behind.
      this.#lastLook = this.#lastTidy = processorMs();
    }
  }
}

function processorMs(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}
