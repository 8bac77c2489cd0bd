import type { LogLine, LogLines } from "./log_lines.ts";

/** Which streams are seen. */
export type StreamChoice = "all" | "stdout" | "stderr";

/** The lines of a log that are seen, by their places: 0 is the first that is kept. What the page says is always seen. */
export class ShownLines {
  readonly #lines: LogLines;
  /** The numbers of the lines that are seen, in order; not used while all are. */
  #numbers: number[] = [];
  #looked = 0;
  #choice: StreamChoice = "all";
  #dropped = 0;

  constructor(lines: LogLines) {
    this.#lines = lines;
  }

  choose(choice: StreamChoice): void {
    this.#choice = choice;
    this.#numbers = [];
    this.#dropped = 0;
    this.#looked = this.#lines.first;
    this.update();
  }

  /** Looks what has come and gone. */
  update(): void {
    const { first, end } = this.#lines;
    if (this.#choice === "all") return;
    const kept = this.#numbers.findIndex((number) => number >= first);
    if (kept !== 0) this.#dropped += this.#numbers.splice(0, kept < 0 ? this.#numbers.length : kept).length;
    for (let number = Math.max(first, this.#looked); number < end; number++) {
      if (this.shows(this.#lines.at(number)!)) this.#numbers.push(number);
    }
    this.#looked = end;
  }

  /** How many lines are no more at the beginning. */
  get dropped(): number {
    return this.#choice === "all" ? this.#lines.first : this.#dropped;
  }

  get length(): number {
    return this.#choice === "all" ? this.#lines.end - this.#lines.first : this.#numbers.length;
  }

  /** The number of the line at a place. */
  numberAt(place: number): number {
    return this.#choice === "all" ? this.#lines.first + place : this.#numbers[place]!;
  }

  /** The place of a line that is seen, or where it would be. */
  placeOf(number: number): number {
    if (this.#choice === "all") return number - this.#lines.first;
    let [from, to] = [0, this.#numbers.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#numbers[middle]! < number) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  at(place: number): LogLine | undefined {
    return this.#lines.at(this.numberAt(place));
  }

  /** Whether a line is seen. */
  shows({ kind }: LogLine): boolean {
    return this.#choice === "all" || kind === "notice" || kind === this.#choice;
  }
}
