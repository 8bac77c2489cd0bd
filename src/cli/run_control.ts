import { constants } from "node:os";
import process from "node:process";
import { deadline } from "../std/async/deadline.ts";
import type { ExecServerClient } from "../client/client.ts";
import { RUN_GRACE_MS, RUN_LINGER_MS } from "../limits.ts";
import type { ExecProcess } from "../machine/exec_backend.ts";
import type { SignalName, TerminalSize } from "../protocol/schemas/process.ts";
import { ignoresHangup } from "./hangup.ts";
import { runStatus } from "./run_status.ts";

/** What becomes of the signals this program gets. */
export const passedOn: Partial<Record<NodeJS.Signals, SignalName>> = {
  SIGINT: "interrupt",
  SIGTERM: "terminate",
  SIGHUP: "hangup",
  SIGQUIT: "quit",
  SIGUSR1: "user1",
  SIGUSR2: "user2",
};

/** Those that come again when they did not help. A program may do as it likes with the others, time and again. */
export const insistent: ReadonlySet<NodeJS.Signals> = new Set(["SIGINT", "SIGTERM"]);

/** Signals and the time limit, on their way to the process. */
export class RunControl implements Disposable {
  timedOut = false;
  /** Whether a person has cut it off. */
  isCut = false;
  /** Told when a signal has come that asks to end. */
  onInsistent: ((signal: NodeJS.Signals) => void) | undefined;
  readonly #client: ExecServerClient;
  #process: ExecProcess | undefined;
  readonly #timers: ReturnType<typeof setTimeout>[] = [];
  readonly #listeners: [NodeJS.Signals, () => void][] = [];
  readonly #counts = new Map<NodeJS.Signals, number>();
  /** Signals that came before there was a process to pass them on to; undefined once there is. */
  #early: SignalName[] | undefined = [];

  constructor(client: ExecServerClient) {
    this.#client = client;
    const ignored = ignoresHangup() ? "SIGHUP" : undefined;
    for (const signal of Object.keys(passedOn) as NodeJS.Signals[]) {
      const listener = signal === ignored ? () => {} : () => this.#take(signal);
      process.on(signal, listener);
      this.#listeners.push([signal, listener]);
    }
  }

  /**
   * The process is there, and its time runs.
   *
   * @param onTimeout called when it is up
   */
  started(process: ExecProcess, timeoutMs: number | undefined, onTimeout: () => void): void {
    this.#process = process;
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const signal of early) this.#signal(signal);
    if (timeoutMs === undefined) return;
    this.#after(timeoutMs, () => {
      this.timedOut = true;
      onTimeout();
      this.#signal("terminate");
      this.#after(RUN_GRACE_MS, () => void this.end());
    });
  }

  /**
   * Kills the process, if there is one.
   *
   * @returns whether the server has answered; it may be lost, or take too long
   */
  async end(): Promise<boolean> {
    const answer = Promise.resolve(this.#process?.terminate());
    return await deadline(answer, RUN_GRACE_MS).then(() => true, () => false);
  }

  /** A person has had enough: kills the process, and ends this program where the server does not answer. */
  async cut(): Promise<void> {
    this.isCut = true;
    if (!await this.end()) process.exit(runStatus.ownFailure);
  }

  /** Tells the process's terminal its new size. */
  resize(size: TerminalSize): void {
    this.#process?.resize(size).catch(() => {});
  }

  /** Kills what is left of the process after a moment. */
  endLater(): void {
    this.#after(RUN_LINGER_MS, () => void this.end());
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const [signal, listener] of this.#listeners) process.off(signal, listener);
  }

  #take(signal: NodeJS.Signals): void {
    const count = (this.#counts.get(signal) ?? 0) + 1;
    this.#counts.set(signal, count);
    if (insistent.has(signal)) this.onInsistent?.(signal);
    if (count > 1 && insistent.has(signal)) return void this.#insist(signal, count);
    const name = passedOn[signal]!;
    if (this.#early) this.#early.push(name);
    else this.#signal(name);
  }

  /** Kills the process; and whatever this program may be waiting for, it ends when that does not help either. */
  async #insist(signal: NodeJS.Signals, count: number): Promise<void> {
    if (this.#early || count > 2 || !await this.end()) process.exit(128 + constants.signals[signal]);
  }

  #signal(signal: SignalName): void {
    // A server that knows no other signal than an interrupt can still end the process.
    if (signal !== "interrupt" && !this.#client.can("processSignals")) return void this.end();
    this.#process?.signal(signal).catch(() => {});
  }

  #after(ms: number, action: () => void): void {
    this.#timers.push(setTimeout(action, ms));
  }
}
