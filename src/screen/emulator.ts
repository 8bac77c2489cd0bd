import type { IBuffer, Terminal } from "@xterm/headless";
import { SCREEN_SCROLLBACK_CELLS, SCREEN_SCROLLBACK_LINES, SCREEN_TITLE_CHARS } from "../limits.ts";
import type { TerminalSize } from "../protocol/schemas/process.ts";
import { type Core, coreOf } from "./core.ts";
import { correct } from "./corrections.ts";
import { terminalState } from "./terminal_state.ts";
import { Answers } from "./questions.ts";
import type { TerminalModes } from "./terminal_modes.ts";
import { UnicodeProvider } from "./unicode_provider.ts";

/**
 * Loads the emulator and makes one of this size. Nothing of it is loaded before the first call.
 *
 * Its memory is bounded: by `SCREEN_CELLS` for the size, which the caller sees to, by `SCREEN_SCROLLBACK_LINES` and
 * `SCREEN_SCROLLBACK_CELLS` above, and by the 10 million characters of an escape code that does not end.
 */
export async function createEmulator(size: TerminalSize): Promise<Emulator> {
  const { Terminal } = await import("@xterm/headless").then(commonJs);
  const terminal = new Terminal({
    ...size,
    scrollback: scrollbackLines(size),
    allowProposedApi: true,
    logLevel: "off",
  });
  return new Emulator(terminal);
}

/** A CommonJS module's exports, which stand in different places on Deno, on Bun, and in a program that Bun compiled. */
function commonJs<Module>(module: Module): Module {
  return (module as { default?: Module }).default ?? module;
}

function scrollbackLines({ cols }: TerminalSize): number {
  return Math.min(SCREEN_SCROLLBACK_LINES, Math.floor(SCREEN_SCROLLBACK_CELLS / cols));
}

/** A terminal without a window: it takes output and knows what it looks like. */
export class Emulator {
  /** The window's title; empty until one is set. */
  title = "";
  #answer: ((text: string) => void) | undefined;
  #answers: Answers | undefined;

  readonly terminal: Terminal;
  readonly #core: Core;

  constructor(terminal: Terminal) {
    this.terminal = terminal;
    this.#core = coreOf(terminal);
    terminal.unicode.register(new UnicodeProvider(() => cellBefore(terminal.buffer.active)));
    terminal.unicode.activeVersion = "wcwidth";
    correct(terminal);
    this.#takeTitles();
  }

  get size(): TerminalSize {
    return { rows: this.terminal.rows, cols: this.terminal.cols };
  }

  get buffer(): IBuffer {
    return this.terminal.buffer.active;
  }

  get cursorVisible(): boolean {
    return !this.#core.coreService.isCursorHidden;
  }

  /** Carries out output, which has been by the time this returns. */
  write(text: string): void {
    if (text === "") return;
    this.#core.writeSync(text);
    this.#answers?.written();
  }

  /** From now on answers what programs ask in their output. Undefined: no more. */
  set onAnswer(answer: ((text: string) => void) | undefined) {
    this.#answer = answer;
    if (answer) this.#answers ??= new Answers(this.terminal, (text) => this.#answer?.(text));
  }

  /** Lays the lines out anew where the size is another one. */
  resize(size: TerminalSize): void {
    if (size.rows === this.terminal.rows && size.cols === this.terminal.cols) return;
    this.terminal.resize(size.cols, size.rows);
    this.terminal.options.scrollback = scrollbackLines(size);
  }

  /**
   * Goes on behind output that is missing, with what that is known to have set.
   *
   * @param since up to where in the process's output it is
   */
  skipTo(modes: TerminalModes, since: number): void {
    this.write("\x18" + (modes.resetAt > since ? "\x1bc" : ""));
    const switched = modes.alternate !== (this.buffer.type === "alternate");
    if (!switched && modes.alternate && modes.switchedAt > since) this.write("\x1b[?1049l");
    if (switched || modes.switchedAt > since) this.write(`\x1b[?1049${modes.alternate ? "h" : "l"}`);
    const erased = modes.erasedAt > since && (modes.alternate || modes.erasedAt > modes.switchedAt);
    if (erased) this.write("\x1b[m\x1b[2J");
    const { cursorX, cursorY } = this.buffer;
    const [top, last] = modes.margins;
    const bottom = Math.min(last, this.terminal.rows - 1);
    const margins = top < bottom ? `\x1b[${top + 1};${bottom + 1}r` : "\x1b[r";
    const row = modes.origin ? Math.max(cursorY - top, 0) : cursorY;
    this.write(
      `\x1b[?6l${margins}${modes.origin ? "\x1b[?6h" : ""}\x1b[${row + 1};${cursorX + 1}H${modes.codes()}`,
    );
    if (modes.title !== undefined) this.title = modes.title.slice(0, SCREEN_TITLE_CHARS);
  }

  /** What makes another terminal of this size look like this one, with some of the lines above. */
  serialize(scrollback: number): string {
    return terminalState(this.terminal, scrollback);
  }

  /** Takes titles, shortened, and links, which are not shown: the emulator would keep megabytes of either. */
  #takeTitles(): void {
    const { parser } = this.terminal;
    const take = (title: string) => {
      // Through bytes and back, so that a short title does not hold on to the long text it was cut from.
      const bytes = new TextEncoder().encode(title.slice(0, SCREEN_TITLE_CHARS));
      this.title = new TextDecoder().decode(bytes);
      return true;
    };
    parser.registerOscHandler(0, take);
    parser.registerOscHandler(2, take);
    parser.registerOscHandler(1, () => true);
    parser.registerOscHandler(8, () => true);
  }
}

/** What stands in the cell before the cursor, or in the one whose second half that is. */
function cellBefore(buffer: IBuffer): string {
  const line = buffer.getLine(buffer.baseY + buffer.cursorY);
  const cell = line?.getCell(buffer.cursorX - 1);
  return (cell?.getWidth() === 0 ? line?.getCell(buffer.cursorX - 2) : cell)?.getChars() ?? "";
}
