import type { LogLines } from "./log_lines.ts";
import type { ShownLines } from "./shown_lines.ts";

/** Milliseconds that a search works at a time: what somebody types meanwhile is not held up. */
const sliceMs = 8;
/** Lines between two looks at the clock. */
const step = 500;

/** Looks for a text in the lines that are seen, without regard to capitals, a little at a time, and goes on as lines come. */
export class LogSearch {
  readonly #lines: LogLines;
  readonly #shown: ShownLines;
  readonly #pause: () => Promise<void>;
  #text = "";
  #looked = 0;
  /** The numbers of the lines that have the text, in order. */
  #matches: number[] = [];
  #run: Promise<void> | undefined;

  /** @param pause lets everything else have its turn */
  constructor(lines: LogLines, shown: ShownLines, pause: () => Promise<void>) {
    this.#lines = lines;
    this.#shown = shown;
    this.#pause = pause;
  }

  get text(): string {
    return this.#text;
  }

  get matches(): readonly number[] {
    return this.#matches;
  }

  /** Looks for another text, or for the same in other lines. A search that is under way goes on with it. */
  begin(text: string): Promise<void> {
    this.#text = text.toLowerCase();
    this.#looked = 0;
    this.#matches = [];
    return this.go();
  }

  /** Looks through what has come. Resolves when all has been looked at that there was. */
  go(): Promise<void> {
    return this.#run ??= this.#look().finally(() => this.#run = undefined);
  }

  /** The match behind a line, or before it; the first or the last one where there is none. */
  next(number: number, direction: 1 | -1): number | undefined {
    const matches = this.#matches;
    return direction > 0
      ? matches.find((match) => match > number) ?? matches[0]
      : matches.findLast((match) => match < number) ?? matches.at(-1);
  }

  async #look(): Promise<void> {
    this.#lookAgain();
    while (this.#text !== "") {
      this.#dropGone();
      const until = performance.now() + sliceMs;
      while (performance.now() < until && this.#looked < this.#lines.end) this.#lookAt(this.#looked + step);
      if (this.#looked >= this.#lines.end) return;
      await this.#pause();
    }
  }

  #lookAt(end: number): void {
    const lines = this.#lines;
    for (let number = Math.max(this.#looked, lines.first); number < Math.min(end, lines.end); number++) {
      if (this.#hasText(number)) this.#matches.push(number);
    }
    this.#looked = Math.min(end, lines.end);
  }

  /** What has been looked at and has grown since. */
  #lookAgain(): void {
    const { grown } = this.#lines;
    const found = [...grown].filter((number) => number < this.#looked && this.#hasText(number));
    const added = found.filter((number) => !this.#matches.includes(number));
    if (added.length > 0) this.#matches = [...this.#matches, ...added].sort((a, b) => a - b);
    grown.clear();
  }

  #hasText(number: number): boolean {
    const line = this.#lines.at(number);
    return line !== undefined && this.#shown.shows(line) && line.text.toLowerCase().includes(this.#text);
  }

  #dropGone(): void {
    const kept = this.#matches.findIndex((match) => match >= this.#lines.first);
    if (kept !== 0) this.#matches.splice(0, kept < 0 ? this.#matches.length : kept);
  }
}
