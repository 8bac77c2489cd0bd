import { constants } from "node:os";
import process from "node:process";
import { RUN_GRACE_MS } from "../limits.ts";
import type { SignalName } from "../protocol/schemas/process.ts";
import { deadline } from "../std/async/deadline.ts";
import { ignoresHangup } from "./hangup.ts";
import { insistent, passedOn } from "./run_control.ts";

/** One of several runs that this program's signals are for. */
export interface ControlledRun {
  signal(name: SignalName): void;
  /** Kills it. Resolves when its server has answered. */
  end(): Promise<void>;
}

/** Signals on their way to several runs: the first goes to each, a second kills all of them, a third this program. */
export class RunsControl implements Disposable {
  /** The signal that asked to end; no further run begins then. */
  stopped: NodeJS.Signals | undefined;
  readonly #runs = new Set<ControlledRun>();
  readonly #listeners: [NodeJS.Signals, () => void][] = [];
  #asked = 0;

  constructor() {
    const ignored = ignoresHangup() ? "SIGHUP" : undefined;
    for (const signal of Object.keys(passedOn) as NodeJS.Signals[]) {
      const listener = signal === ignored ? () => {} : () => this.#take(signal);
      process.on(signal, listener);
      this.#listeners.push([signal, listener]);
    }
  }

  /** Takes a run on that has begun; where all were asked to end meanwhile, it is too. */
  add(run: ControlledRun): Disposable {
    this.#runs.add(run);
    if (this.stopped) run.signal(passedOn[this.stopped]!);
    if (this.#asked > 1) run.end().catch(() => {});
    return { [Symbol.dispose]: () => void this.#runs.delete(run) };
  }

  /** Kills all. @returns whether each server has answered in time */
  async end(): Promise<boolean> {
    const ends = [...this.#runs].map((run) => deadline(run.end(), RUN_GRACE_MS));
    return (await Promise.allSettled(ends)).every(({ status }) => status === "fulfilled");
  }

  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener);
  }

  #take(signal: NodeJS.Signals): void {
    const asksToEnd = insistent.has(signal);
    if (asksToEnd || signal === "SIGHUP") this.stopped ??= signal;
    if (asksToEnd && ++this.#asked > 1) return void this.#insist(signal);
    for (const run of this.#runs) run.signal(passedOn[signal]!);
  }

  async #insist(signal: NodeJS.Signals): Promise<void> {
    if (this.#asked > 2 || !await this.end()) process.exit(128 + constants.signals[signal]);
  }
}
