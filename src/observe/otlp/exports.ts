import type { Logger } from "../logger.ts";

/** How the SDK tells that something was sent: 0 for taken. */
interface ExportResult {
  readonly code: number;
  readonly error?: Error;
}

/** Tells in the log when what is sent is not taken any more, and when it is again: not each time. */
export class Exports {
  readonly #logger: Logger;
  readonly #failing = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  ended(signal: "metrics" | "traces", { code, error }: ExportResult): void {
    if (code === 0) {
      if (this.#failing.delete(signal)) this.#logger.info("telemetry taken again", { signal });
      return;
    }
    if (this.#failing.has(signal)) return;
    this.#failing.add(signal);
    this.#logger.warn("telemetry not taken", { signal, reason: error?.message || error?.name });
  }
}
