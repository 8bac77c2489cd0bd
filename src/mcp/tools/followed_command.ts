import { EXITED_QUIET_MS } from "../../limits.ts";
import type { ExecProcess } from "../../machine/exec_backend.ts";
import type { ProcessEnd } from "../../machine/process_end.ts";
import { PlainText } from "../../recording/plain_text.ts";
import { Transcript } from "./transcript.ts";

/** What is known of a process when it is begun to be followed. */
export interface FollowedOptions {
  /** What the model calls it. */
  readonly id: string;
  /** Where it runs. */
  readonly machine: string;
  /** Whether it has a terminal: what drives that is left out of its output. */
  readonly tty: boolean;
  /** What it is, in a line. */
  readonly title: string;
}

/** A process, and what it wrote: it never waits for whoever reads that. */
export class FollowedCommand {
  readonly id: string;
  readonly machine: string;
  readonly tty: boolean;
  readonly title: string;
  readonly process: ExecProcess;
  readonly transcript = new Transcript();
  /** Unknown for a process of somebody else. */
  readonly startedAtMs: number | undefined;
  /** Where the last answer about it ended. */
  position = 0;
  endedAtMs: number | undefined;
  /** Whether its output has ended, or can be followed no further. */
  isOver = false;
  /** Why it can be followed no further. */
  failure: string | undefined;
  end: ProcessEnd | undefined;
  /** Set where it was killed because its time was up. */
  timedOutSeconds: number | undefined;

  readonly #plain: PlainText | undefined;
  readonly #waiting = new Set<() => void>();
  readonly #lossless: boolean;

  /** @param lossless false for a process of somebody else, which must not wait for this reader */
  constructor(process: ExecProcess, { id, machine, tty, title }: FollowedOptions, lossless: boolean) {
    this.id = id;
    this.machine = machine;
    this.tty = tty;
    this.title = title;
    this.process = process;
    this.#plain = tty ? new PlainText() : undefined;
    this.#lossless = lossless;
    if (lossless) this.startedAtMs = Date.now();
    void this.#follow();
  }

  /** Whether it has ended; what it left behind may still write. */
  get hasEnded(): boolean {
    return this.end !== undefined || this.isOver;
  }

  /** Resolves once it has ended and said what it had to say, after a time, or when the wait is given up. */
  async ended(waitMs: number, signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + waitMs;
    while (!this.isOver && !signal.aborted) {
      const left = deadline - performance.now();
      if (left <= 0) return;
      const hadEnded = this.hasEnded;
      const happened = await this.change(Math.min(left, hadEnded ? EXITED_QUIET_MS : Infinity), signal);
      if (hadEnded && !happened) return;
    }
  }

  /** Resolves once there is output behind a place, or it has ended, after a time, or when the wait is given up. */
  async news(from: number, waitMs: number, signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + waitMs;
    while (this.transcript.end <= from && !this.hasEnded) {
      const left = deadline - performance.now();
      if (left <= 0 || signal.aborted) return;
      await this.change(left, signal);
    }
  }

  /** Waits until something happens to it, for a time, or until the wait is given up. @returns whether it has */
  change(ms: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (happened: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(happens);
        signal.removeEventListener("abort", givenUp);
        resolve(happened);
      };
      const happens = () => end(true);
      const givenUp = () => end(false);
      const timer = setTimeout(givenUp, Math.max(0, ms));
      this.#waiting.add(happens);
      signal.addEventListener("abort", givenUp);
    });
  }

  async #follow(): Promise<void> {
    try {
      for await (const event of this.process.events({ lossless: this.#lossless })) {
        if (event.kind === "output") this.transcript.push(this.#plain?.push(event.bytes) ?? event.bytes);
        else if (event.kind === "gap") this.transcript.push(missed);
        else if (event.kind === "failed") this.failure = event.message;
        else if (event.kind === "exited") void this.#tellEnd(event.exitCode);
        this.#notify();
      }
    } catch (error) {
      this.failure = (error as Error).message;
    }
    this.endedAtMs ??= Date.now();
    // Which signal it was may still be asked for.
    if (this.failure === undefined) await this.process.wait().then((end) => this.end = end, () => {});
    this.isOver = true;
    this.#notify();
  }

  async #tellEnd(exitCode: number): Promise<void> {
    this.endedAtMs = Date.now();
    this.end = await this.process.wait().catch(() => ({ exitCode, signal: null }));
    this.#notify();
  }

  #notify(): void {
    for (const happens of [...this.#waiting]) happens();
  }
}

const missed = new TextEncoder().encode("\n[some output was missed here]\n");
