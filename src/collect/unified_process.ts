import { EXITED_QUIET_MS, EXITED_STREAMS_MS, PATTERN_CHARS, TERMINATED_MS } from "../limits.ts";
import { type OptionNames, refuseUnknownOptions } from "../client/known_options.ts";
import type { ProcessEvent, ProcessState } from "../log/process_event.ts";
import { resolvesWithin } from "../machine/end_process.ts";
import type { ExecProcess } from "../machine/exec_backend.ts";
import { HeadAndTail } from "./head_and_tail.ts";

/** How output is collected. */
export interface UnifiedProcessOptions {
  /** Bytes of output that are kept; COLLECTED_OUTPUT_BYTES by default. */
  readonly limitBytes?: number;
}

/** What to wait for: whatever comes first. The end of the process always ends the wait. */
export interface WaitOptions {
  /**
   * Output matches this. What came since the last write counts, and of that what is behind an earlier match: an answer
   * that is quicker than its reader is not missed.
   */
  readonly pattern?: RegExp;
  /** Milliseconds without output. */
  readonly quietMs?: number;
  /** Milliseconds in all; no limit by default. */
  readonly deadlineMs?: number;
  /** Ends the wait; the process goes on. */
  readonly signal?: AbortSignal;
}

/**
 * Why a wait ended. `ended`: the process has exited, and its output has ended or, where a job that it left behind holds
 * it open, has had a moment to arrive. `failed`: it can be followed no further, though it may run; its state says why.
 */
export type WaitEnd = "ended" | "failed" | "pattern" | "quiet" | "deadline";

const unifiedOptions: OptionNames<UnifiedProcessOptions> = { limitBytes: true };
const waitOptions: OptionNames<WaitOptions> = {
  pattern: true,
  quietMs: true,
  deadlineMs: true,
  signal: true,
};

/** What became of a write, as something to act on. */
export type WriteOutcome =
  | { readonly ok: true }
  /** Nothing can be written to it, now or later. */
  | { readonly ok: false; readonly reason: "no-stdin" | "unknown-process"; readonly message: string }
  /** It is starting: try again. */
  | { readonly ok: false; readonly reason: "starting"; readonly message: string };

/**
 * A process as somebody uses it who looks at its output now and then: on a terminal or behind pipes, here or elsewhere.
 * Its output is collected as it comes, so that it never waits for its reader. `await using` terminates it.
 */
export class UnifiedExecProcess implements AsyncDisposable {
  /** Resolves when nothing more comes: the process has closed or failed, and everything is collected. */
  readonly ended: Promise<void>;
  readonly #process: ExecProcess;
  readonly #events: AsyncIterableIterator<ProcessEvent>;
  readonly #output: HeadAndTail;
  readonly #watchers = new Set<(news: string | { readonly end: WaitEnd }) => void>();
  /** The end of the output that no pattern has matched yet, since the last write. */
  #unmatched = "";
  /** Why every wait ends, once that is so. */
  #end: WaitEnd | undefined;
  /** Whether nothing more comes. */
  #over = false;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #drained: ReturnType<typeof setTimeout> | undefined;

  constructor(process: ExecProcess, options: UnifiedProcessOptions = {}) {
    refuseUnknownOptions("UnifiedExecProcess", options, unifiedOptions);
    this.#process = process;
    this.#output = new HeadAndTail(options.limitBytes);
    this.#events = process.events({ lossless: true });
    this.ended = this.#collect();
  }

  get processId(): string {
    return this.#process.processId;
  }

  get state(): ProcessState {
    return this.#process.state;
  }

  /** Its output so far on all streams, as text: the beginning and the end where it is more than the limit. */
  get output(): string {
    return this.#output.text();
  }

  /** The same as bytes. */
  get outputBytes(): Uint8Array {
    return this.#output.bytes();
  }

  /** Bytes that were cut out of the output's middle. */
  get cutBytes(): number {
    return this.#output.cutBytes;
  }

  /**
   * Waits.
   *
   * @throws the signal's reason when it is aborted
   * @throws {TypeError} for an option that means nothing
   */
  // deno-lint-ignore require-await -- a failure must come as a rejection
  async waitUntil(options: WaitOptions = {}): Promise<WaitEnd> {
    refuseUnknownOptions("waitUntil", options, waitOptions);
    const { pattern, quietMs, deadlineMs, signal } = options;
    return new Promise((resolve, reject) => {
      let seen = this.#unmatched;
      let quiet: ReturnType<typeof setTimeout> | undefined;
      const end = (why: WaitEnd) => {
        stop();
        resolve(why);
      };
      const abort = () => {
        stop();
        reject(signal!.reason);
      };
      const listen = () => {
        if (quietMs === undefined) return;
        clearTimeout(quiet);
        quiet = setTimeout(() => end("quiet"), quietMs);
      };
      const matches = (): boolean => {
        const match = pattern && new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, "")).exec(seen);
        if (match) this.#unmatched = seen.slice(match.index + match[0].length);
        return match !== null && match !== undefined;
      };
      const watcher = (news: string | { readonly end: WaitEnd }) => {
        if (typeof news !== "string") return end(news.end);
        seen = (seen + news).slice(-PATTERN_CHARS);
        if (matches()) return end("pattern");
        listen();
      };
      const deadline = deadlineMs === undefined ? undefined : setTimeout(() => end("deadline"), deadlineMs);
      const stop = () => {
        clearTimeout(deadline);
        clearTimeout(quiet);
        signal?.removeEventListener("abort", abort);
        this.#watchers.delete(watcher);
      };
      if (signal?.aborted) return abort();
      if (matches()) return end("pattern");
      if (this.#end) return end(this.#end);
      signal?.addEventListener("abort", abort);
      this.#watchers.add(watcher);
      listen();
    });
  }

  /**
   * Writes to its stdin or its terminal.
   *
   * @throws {ConnectionError} when its server is lost
   */
  async write(data: Uint8Array | string): Promise<WriteOutcome> {
    this.#unmatched = "";
    switch (await this.#process.write(data)) {
      case "accepted":
        return { ok: true };
      case "stdinClosed":
        return { ok: false, reason: "no-stdin", message: "It was started without a stdin to write to" };
      case "unknownProcess":
        return { ok: false, reason: "unknown-process", message: "It ended a while ago and is forgotten" };
      case "starting":
        return { ok: false, reason: "starting", message: "It is still starting; try again" };
    }
  }

  /** Kills it and waits until everything is collected, or its server has had time enough to tell it. */
  async terminate(): Promise<void> {
    if (!this.#over) this.#process.terminate().catch(() => {});
    await this.waitUntil({ deadlineMs: TERMINATED_MS });
    // Not every server ends the streams of a process that had exited before, while somebody else holds them.
    if (!await resolvesWithin(this.ended, EXITED_STREAMS_MS)) await this.#events.return?.();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.terminate();
  }

  async #collect(): Promise<void> {
    const decoder = new TextDecoder();
    let end: WaitEnd = "failed";
    for await (const event of this.#events) {
      if (event.kind === "failed") end = "failed";
      if (event.kind === "exited") {
        end = "ended";
        this.#drain();
      }
      if (event.kind !== "output") continue;
      this.#output.push(event.bytes);
      const text = decoder.decode(event.bytes, { stream: true });
      this.#unmatched = (this.#unmatched + text).slice(-PATTERN_CHARS);
      for (const watcher of [...this.#watchers]) watcher(text);
      if (this.#drained !== undefined) this.#awaitQuiet();
    }
    this.#over = true;
    this.#endWaits(end);
  }

  /** It has exited. What it wrote is on its way; but whoever it left behind may hold its streams for ever. */
  #drain(): void {
    this.#drained = setTimeout(() => this.#endWaits("ended"), EXITED_STREAMS_MS);
    this.#awaitQuiet();
  }

  #awaitQuiet(): void {
    clearTimeout(this.#quiet);
    if (!this.#end) this.#quiet = setTimeout(() => this.#endWaits("ended"), EXITED_QUIET_MS);
  }

  #endWaits(end: WaitEnd): void {
    clearTimeout(this.#quiet);
    clearTimeout(this.#drained);
    this.#end ??= end;
    for (const watcher of [...this.#watchers]) watcher({ end: this.#end });
  }
}
