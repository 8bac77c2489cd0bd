import { element } from "../dom.ts";
import type { LogSearch } from "./log_search.ts";
import type { LogView } from "./log_view.ts";

/** Milliseconds without another letter after which a text is looked for. */
const typedMs = 150;

/** Where somebody says what to look for, and goes from one place to the next. */
export class SearchBar {
  readonly element: HTMLElement;
  readonly #search: LogSearch;
  readonly #view: LogView;
  readonly #input = element("input", {
    type: "search",
    placeholder: "Search",
    ariaLabel: "Search in the log",
  });
  readonly #count = element("output", { class: "count" });
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(search: LogSearch, view: LogView, signal: AbortSignal) {
    this.#search = search;
    this.#view = view;
    const step = (text: string, title: string, direction: 1 | -1) =>
      element(
        "button",
        { type: "button", title, ariaLabel: title, onclick: () => this.#go(direction) },
        text,
      );
    this.element = element(
      "span",
      { class: "search" },
      this.#input,
      step("↑", "The match before (Shift+Enter)", -1),
      step("↓", "The next match (Enter)", 1),
      this.#count,
    );
    this.#input.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.begin(), typedMs);
    });
    this.#input.addEventListener("keydown", (event) => void this.#key(event));
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  /** Puts the cursor into it. */
  focus(): void {
    this.#input.focus();
    this.#input.select();
  }

  /** Looks for what stands in it now, also in other lines than before. */
  async begin(): Promise<void> {
    clearTimeout(this.#timer);
    const text = this.#input.value.toLowerCase();
    const isOther = text !== this.#search.text;
    this.#view.marked = text;
    if (isOther) this.#view.current = undefined;
    await this.#search.begin(text);
    this.update();
    this.#view.draw();
  }

  /** Tells how many matches there are by now. */
  update(): void {
    const { text, matches } = this.#search;
    const { current } = this.#view;
    const at = current === undefined ? -1 : matches.indexOf(current);
    this.#count.textContent = text === ""
      ? ""
      : at < 0
      ? `${matches.length} ${matches.length === 1 ? "line" : "lines"}`
      : `${at + 1} of ${matches.length}`;
  }

  async #key(event: KeyboardEvent): Promise<void> {
    if (event.key === "Escape") this.#input.value = "";
    else if (event.key !== "Enter") return;
    event.preventDefault();
    if (this.#input.value.toLowerCase() !== this.#search.text) await this.begin();
    if (event.key === "Enter") this.#go(event.shiftKey ? -1 : 1);
  }

  #go(direction: 1 | -1): void {
    const from = this.#view.current ?? (this.#view.topNumber ?? 0) - direction;
    const number = this.#search.next(from, direction);
    if (number !== undefined) this.#view.goTo(number);
    this.update();
  }
}
