import { element } from "../dom.ts";
import type { LogLine } from "./log_lines.ts";
import type { ShownLines } from "./shown_lines.ts";

/** What every line is high, as the page's style says it too. */
const rowPx = 18;
/** Characters of a line that are shown: a browser takes long for more. */
const shownChars = 4_000;
/** Lines that are drawn at once, however large the window is, and where the page's style has not come. */
const rowsAtMost = 300;
/** Lines drawn above and below what is seen, so that a short scroll shows no hole. */
const more = 10;

/** Shows as many lines as fit, however many there are. */
export class LogView {
  readonly element: HTMLElement;
  readonly #lines: ShownLines;
  readonly #rows = element("div", { class: "rows" });
  readonly #space = element("div", { class: "space" }, this.#rows);
  /** Lines that were gone when it was drawn the last time. */
  #dropped = 0;
  #isFollowing = true;
  /** What is marked in the lines, in small letters. */
  marked = "";
  /** The number of the line that stands out. */
  current: number | undefined;

  /** @param onScroll called when somebody has scrolled */
  constructor(lines: ShownLines, onScroll: () => void) {
    this.#lines = lines;
    this.element = element(
      "div",
      { class: "log", tabIndex: 0, role: "log", ariaLive: "off" },
      this.#space,
    );
    this.element.addEventListener("scroll", () => {
      this.#isFollowing = this.#isAtEnd();
      onScroll();
    });
  }

  /** Whether it goes with the newest line. Somebody who scrolls up leaves it, and comes back at the end. */
  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  set isFollowing(is: boolean) {
    this.#isFollowing = is;
  }

  /** Draws what is to be seen now. */
  draw(): void {
    const element = this.element;
    const lines = this.#lines;
    this.#space.style.height = `${lines.length * rowPx}px`;
    const dropped = lines.dropped - this.#dropped;
    this.#dropped = lines.dropped;
    if (this.#isFollowing) element.scrollTop = element.scrollHeight;
    else if (dropped > 0) element.scrollTop -= dropped * rowPx;
    const from = Math.max(0, Math.floor(element.scrollTop / rowPx) - more);
    const rows = Math.min(rowsAtMost, Math.ceil(element.clientHeight / rowPx));
    const to = Math.min(lines.length, from + rows + 2 * more);
    this.#rows.style.transform = `translateY(${from * rowPx}px)`;
    this.#rows.replaceChildren(...this.#rowsOf(from, to));
  }

  /** Brings a line into the middle, and marks it. */
  goTo(number: number): void {
    this.#isFollowing = false;
    this.current = number;
    this.element.scrollTop = this.#lines.placeOf(number) * rowPx - this.element.clientHeight / 2;
    this.draw();
  }

  /** The number of the line at the top; undefined where there is none. */
  get topNumber(): number | undefined {
    const place = Math.min(this.#lines.length - 1, Math.round(this.element.scrollTop / rowPx));
    return place < 0 ? undefined : this.#lines.numberAt(place);
  }

  /** Shows other lines than before, beginning with the one of a number. */
  begin(number: number | undefined): void {
    this.#dropped = this.#lines.dropped;
    this.draw();
    if (this.#isFollowing || number === undefined) return;
    this.element.scrollTop = this.#lines.placeOf(number) * rowPx;
    this.draw();
  }

  #isAtEnd(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    return scrollTop + clientHeight >= scrollHeight - rowPx / 2;
  }

  #rowsOf(from: number, to: number): HTMLElement[] {
    const rows: HTMLElement[] = [];
    for (let place = from; place < to; place++) {
      const line = this.#lines.at(place);
      if (!line) continue;
      const isCurrent = this.#lines.numberAt(place) === this.current;
      const classes = `row ${line.kind}${isCurrent ? " current" : ""}`;
      rows.push(element("div", { class: classes }, ...textOf(line, this.marked)));
    }
    return rows;
  }
}

/** The text of a line, with what was looked for marked in it. */
function textOf({ text }: LogLine, marked: string): (Node | string)[] {
  const shown = text.length > shownChars
    ? `${text.slice(0, shownChars)} … and ${text.length - shownChars} characters more`
    : text;
  if (marked === "") return [shown];
  const parts: (Node | string)[] = [];
  const small = shown.toLowerCase();
  // Some letters have more characters when they are small: then there is no telling which they are.
  if (small.length !== shown.length) return [shown];
  let at = 0;
  for (let found = small.indexOf(marked); found >= 0; found = small.indexOf(marked, at)) {
    parts.push(shown.slice(at, found), element("mark", {}, shown.slice(found, at = found + marked.length)));
  }
  return [...parts, shown.slice(at)];
}
