import type { ListedProcess, SharedProcess } from "../../machine/shared_process.ts";
import { button, element } from "./dom.ts";
import { searchField } from "./search_field.ts";
import type { ShownTerminal } from "./xterm.ts";

/** What makes a terminal empty. */
const emptyScreen = "\x1b[0m\x1b[H\x1b[2J\x1b[3J";

/** Font sizes, in pixels, between which a terminal is made to fit its place. */
const FONT_LEAST = 6;
const FONT_MOST = 15;

/** A process's terminal in the page, with who types, and what is typed. */
export class LiveTerminal {
  /** What one can do with it. */
  readonly tools = element("div", { class: "tools", role: "toolbar" });
  /** What one should know just now. */
  readonly notice = element("p", { class: "notice", role: "status" });
  readonly #process: SharedProcess;
  readonly #listed: ListedProcess;
  readonly #place: HTMLElement;
  readonly #signal: AbortSignal;
  readonly #note = element("input", {
    type: "text",
    placeholder: "A word to the others",
    aria: { label: "A word to the others" },
    maxLength: 200,
  });
  readonly #take = button("Take the keyboard", () => void this.#takeKeyboard());
  readonly #give = button("Hand back", () => void this.#giveBack());
  readonly #fits = element("input", { type: "checkbox" });
  readonly #title = element("span", { class: "title" });
  #shown: ShownTerminal | undefined;
  /** While a picture or old output is written, the emulator's answers to what stands in it are nobody's input. */
  #repeating = false;
  #told = "";

  constructor(process: SharedProcess, listed: ListedProcess, place: HTMLElement, signal: AbortSignal) {
    this.#process = process;
    this.#listed = listed;
    this.#place = place;
    this.#signal = signal;
    this.#fits.addEventListener("change", () => void this.#fit());
  }

  /** Shows what the process prints until it ends, or the page does. */
  async follow(shown: ShownTerminal): Promise<void> {
    const { terminal } = this.#shown = shown;
    // For whoever looks into the page by the browser's tools: what is drawn is no text of the page.
    Object.assign(globalThis, { shownTerminal: terminal });
    this.#fillTools(shown);
    this.#listen(shown);
    this.#tellKeyboard();
    void this.#fit();
    const { picture } = this.#process;
    if (picture?.format === "ansi") await this.#write(picture.text, true);
    terminal.focus();
    let painted = 0;
    for await (const event of this.#process.events()) {
      if (this.#signal.aborted) return;
      if (event.kind === "output" && event.seq > painted) await this.#write(event.bytes);
      if (event.kind === "gap") {
        painted = await this.#paint(`${event.toSeq - event.fromSeq + 1} pieces of output`);
      }
      if (event.kind === "exited") this.#tell(`It has exited with ${event.exitCode}.`);
      if (event.kind === "failed") this.#tell(event.message);
    }
    this.#take.hidden = this.#give.hidden = this.#note.hidden = true;
  }

  #fillTools({ search, terminal }: ShownTerminal): void {
    const isViewer = this.#process.role === "view";
    const copy = button("Copy", () => {
      terminal.focus();
      document.execCommand("copy"); // Also where the page is not secure.
    });
    this.tools.append(
      ...isViewer ? [] : [this.#take, this.#give, this.#note],
      ...isViewer ? [] : [element("label", {}, this.#fits, " Fit to this window")],
      searchField((text, backwards) => backwards ? search.findPrevious(text) : search.findNext(text)),
      copy,
      this.#title,
    );
  }

  #listen({ terminal }: ShownTerminal): void {
    const process = this.#process;
    const ends = [
      process.listenKeyboard(({ client, note }) => this.#tellKeyboard(client, note)),
      process.listenSize((size) => {
        terminal.resize(size.cols, size.rows);
        this.#scale();
      }),
    ];
    const encoder = new TextEncoder();
    terminal.onData((text) => this.#typed(encoder.encode(text)));
    terminal.onBinary((text) => this.#typed(Uint8Array.from(text, (character) => character.charCodeAt(0))));
    terminal.onTitleChange((title) => this.#title.textContent = title);
    // Who only looks on moves through the page as everywhere; who types leaves by a chord that no program gets.
    terminal.attachCustomKeyEventHandler((event) => {
      if (process.keyboard !== "you") return event.shiftKey && /^Page(Up|Down)$/.test(event.key);
      const leaves = event.ctrlKey && event.shiftKey && event.key === "Escape";
      if (leaves) this.#give.focus();
      return !leaves;
    });
    const resized = new ResizeObserver(() => void this.#fit());
    resized.observe(this.#place);
    this.#signal.addEventListener("abort", () => {
      resized.disconnect();
      for (const end of ends) end();
    });
  }

  #typed(bytes: Uint8Array): void {
    if (this.#repeating || this.#process.keyboard !== "you") return;
    this.#process.write(bytes).catch((error: Error) => this.#tell(error.message));
  }

  async #takeKeyboard(): Promise<void> {
    const isOthers = this.#process.keyboard === "viewer";
    if (isOthers && !confirm("Somebody else types. Take the keyboard from them?")) return;
    this.#shown?.terminal.focus(); // Before it is told, so that no key goes elsewhere.
    try {
      await this.#process.takeKeyboard({ force: isOthers, ...this.#said() });
      this.#tellKeyboard();
      await this.#fit();
    } catch (error) {
      this.#tell((error as Error).message);
    }
  }

  async #giveBack(): Promise<void> {
    try {
      await this.#process.giveKeyboardBack(this.#said().note);
      this.#tellKeyboard();
    } catch (error) {
      this.#tell((error as Error).message);
    }
  }

  #said(): { note?: string } {
    const note = this.#note.value.trim();
    this.#note.value = "";
    return note === "" ? {} : { note };
  }

  #tellKeyboard(client?: string, note?: string): void {
    const { keyboard } = this.#process;
    const owner = this.#listed.owner?.client ?? "nobody";
    const who = keyboard === "you"
      ? "You type. Ctrl-Shift-Escape leaves the terminal."
      : keyboard === "owner"
      ? `Watching ${owner}.`
      : `Watching ${owner}; ${client ?? "somebody else"} types.`;
    this.#take.hidden = keyboard === "you";
    this.#give.hidden = keyboard !== "you";
    this.#fits.disabled = keyboard !== "you";
    if (this.#shown) this.#shown.terminal.options.cursorBlink = keyboard === "you";
    this.#told = note === undefined ? who : `${who} They say: ${note}`;
    this.notice.textContent = this.#told;
  }

  #tell(text: string): void {
    this.notice.textContent = `${this.#told} ${text}`;
  }

  /** Shows what the screen is now, in the place of what was left out. @returns the event that it is up to */
  async #paint(missing: string): Promise<number> {
    const picture = await this.#process.screen({ format: "ansi" });
    if (picture.format === "ansi") await this.#write(emptyScreen + picture.text, true);
    this.#tell(`It printed faster than is shown here: ${missing} left out.`);
    return picture.seq;
  }

  /** Resolves when it is drawn: what comes meanwhile waits on the server, or is left out. */
  #write(data: string | Uint8Array, isPicture = false): Promise<void> {
    this.#repeating ||= isPicture;
    return new Promise((resolve) =>
      this.#shown!.terminal.write(data, () => {
        if (isPicture) this.#repeating = false;
        resolve();
      })
    );
  }

  /** Gives the process the size of this window where that is wished, else makes its size fit here. */
  async #fit(): Promise<void> {
    if (!this.#shown) return;
    const { terminal } = this.#shown;
    if (!this.#fits.checked || this.#process.keyboard !== "you") return this.#scale();
    terminal.options.fontSize = FONT_MOST;
    const { width, height } = this.#cell();
    const cols = Math.max(20, Math.floor(this.#place.clientWidth / width));
    const rows = Math.max(5, Math.floor(this.#place.clientHeight / height));
    if (cols === terminal.cols && rows === terminal.rows) return;
    try {
      await this.#process.resize({ cols, rows });
      terminal.resize(cols, rows);
    } catch (error) {
      this.#tell((error as Error).message);
    }
  }

  /** Chooses the largest font with which the whole terminal is seen. */
  #scale(): void {
    const { terminal } = this.#shown!;
    const { width, height } = this.#cell();
    const now = terminal.options.fontSize ?? FONT_MOST;
    const factor = Math.min(
      this.#place.clientWidth / (width * terminal.cols),
      this.#place.clientHeight / (height * terminal.rows),
    );
    if (!(factor > 0) || !Number.isFinite(factor)) return;
    const size = Math.max(FONT_LEAST, Math.min(FONT_MOST, Math.floor(now * factor)));
    if (size !== now) terminal.options.fontSize = size;
  }

  /** The size of one character's place, in pixels. */
  #cell(): { readonly width: number; readonly height: number } {
    const { terminal } = this.#shown!;
    const { clientWidth, clientHeight } = terminal.element!.querySelector<HTMLElement>(".xterm-screen")!;
    return { width: clientWidth / terminal.cols, height: clientHeight / terminal.rows };
  }
}
