import { TERMINAL_SIZES_KEPT } from "../limits.ts";
import type { OutputLog } from "../log/output_log.ts";
import type { TerminalSize } from "../protocol/schemas/process.ts";

/** A size and the first event that a program wrote, as far as can be told, with its terminal at that size. */
export interface SizeChange {
  readonly seq: number;
  readonly size: TerminalSize;
  /** When it was set, in milliseconds since the process's start. */
  readonly atMs: number;
}

const none: readonly SizeChange[] = [];

/** The sizes a terminal has had, as far back as its output can be read. */
export class TerminalSizes {
  readonly #log: OutputLog;
  readonly #firstSeq: () => number;
  readonly #changes: SizeChange[];

  /** @param firstSeq the oldest event that can be read; the log's own by default */
  constructor(log: OutputLog, size: TerminalSize, firstSeq: () => number = () => log.firstSeq) {
    this.#log = log;
    this.#firstSeq = firstSeq;
    this.#changes = [{ seq: log.nextSeq, size, atMs: 0 }];
  }

  /** The size now. */
  get current(): TerminalSize {
    return this.#changes.at(-1)!.size;
  }

  /** The size at an event. */
  at(seq: number): TerminalSize {
    return (this.#changes.findLast((change) => change.seq <= seq) ?? this.#changes[0]!).size;
  }

  /** The changes behind one event and up to another. */
  between(afterSeq: number, lastSeq: number): readonly SizeChange[] {
    if (this.#changes.at(-1)!.seq <= afterSeq) return none; // As nearly always.
    return this.#changes.filter(({ seq }) => seq > afterSeq && seq <= lastSeq);
  }

  /** The terminal was resized: the next event is the first at this size. */
  record(size: TerminalSize, atMs = 0): void {
    const { nextSeq } = this.#log;
    if (this.#changes.at(-1)!.seq === nextSeq) this.#changes.pop();
    this.#changes.push({ seq: nextSeq, size, atMs });
    const first = this.#firstSeq();
    const reached = this.#changes.findLastIndex((change) => change.seq <= first);
    const surplus = this.#changes.length - TERMINAL_SIZES_KEPT;
    if (reached > 0 || surplus > 0) this.#changes.splice(0, Math.max(reached, surplus));
  }
}
