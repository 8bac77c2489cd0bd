import { cpuUsage } from "node:process";
import { HOUSEKEEPING_MS, HOUSEKEEPING_WORK_MS, IDLE_PROCESSOR_SHARE } from "../limits.ts";
import type { Logger } from "../observe/logger.ts";

/** What a housekeeper works with. */
export interface HousekeeperOptions {
  /** Gives memory back. A failure is logged, and it is called again after the next work. */
  readonly tidy: () => Promise<void>;
  readonly logger: Logger;
  /** Milliseconds of processor time that the program has used so far; what the system counts by default. */
  readonly processorMs?: () => number;
}

/**
 * Gives memory back once the server is idle after work: a runtime that has nothing to do collects no garbage, and what
 * many processes printed would stay resident for as long as nothing else happens.
 */
export class Housekeeper {
  readonly #tidy: () => Promise<void>;
  readonly #logger: Logger;
  readonly #processorMs: () => number;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Milliseconds of processor time at the last look. */
  #lastLook: number;
  /** And when it was last tidy: never at first, since loading a program leaves garbage too. */
  #lastTidy = 0;
  #tidying = false;

  constructor({ tidy, logger, processorMs = processorMsUsed }: HousekeeperOptions) {
    this.#tidy = tidy;
    this.#logger = logger;
    this.#processorMs = processorMs;
    this.#lastLook = processorMs();
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
    const now = this.#processorMs();
    const busy = now - this.#lastLook > HOUSEKEEPING_MS * IDLE_PROCESSOR_SHARE;
    this.#lastLook = now;
    if (busy || now - this.#lastTidy < HOUSEKEEPING_WORK_MS) return;
    this.#tidying = true;
    try {
      await this.#tidy();
    } catch (error) {
      // Nobody waits for it, and a server with more memory than it needs still serves.
      this.#logger.error("housekeeping failed", { reason: String(error) });
    } finally {
      this.#tidying = false;
      // Its own work is none that leaves anything behind.
      this.#lastLook = this.#lastTidy = this.#processorMs();
    }
  }
}

function processorMsUsed(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}
