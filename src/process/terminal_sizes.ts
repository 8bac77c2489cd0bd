import type { TerminalSize } from "../protocol/schemas/process.ts";
import type { OutputLog } from "../log/output_log.ts";

/** A size and the first event that a program wrote, as far as can be told, with its terminal at that size. */
interface SizeChange {
  readonly seq: number;
  readonly size: TerminalSize;
}

/** The sizes a terminal has had, as far back as its log reaches. */
export class TerminalSizes {
  readonly #log: OutputLog;
  readonly #changes: SizeChange[];

  constructor(log: OutputLog, size: TerminalSize) {
    this.#log = log;
    this.#changes = [{ seq: log.nextSeq, size }];
  }

  /** The size now. */
  get current(): TerminalSize {
    return this.#changes.at(-1)!.size;
  }

  /** The size at an event. */
  at(seq: number): TerminalSize {
    return (this.#changes.findLast((change) => change.seq <= seq) ?? this.#changes[0]!).size;
  }

  /** The terminal was resized: the next event is the first at this size. */
  record(size: TerminalSize): void {
    const { nextSeq } = this.#log;
    if (this.#changes.at(-1)!.seq === nextSeq) this.#changes.pop();
    this.#changes.push({ seq: nextSeq, size });
    const first = this.#log.firstSeq;
    const reached = this.#changes.findLastIndex((change) => change.seq <= first);
    if (reached > 0) this.#changes.splice(0, reached);
  }
}
