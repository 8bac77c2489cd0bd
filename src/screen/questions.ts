import type { Terminal } from "@xterm/headless";
import { coreOf } from "./core.ts";

/** The parser's state between ESC and what follows it. */
const afterEscape = 1;
/** Colours as `rgb:` has them: light grey on black, as most terminals are. */
const foreground = "rgb:d0d0/d0d0/d0d0";
const background = "rgb:0000/0000/0000";
/** What OSC 10, 11 and 12 are about. */
const dynamicColors: Readonly<Record<number, string>> = { 10: foreground, 11: background, 12: foreground };
const levels = [0, 95, 135, 175, 215, 255] as const;
const first16 = [
  "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5",
  "7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff",
].join(" ").split(" ");

/**
 * The answers of a terminal to what programs ask it. The emulator tells what it is (DA), where its cursor is (DSR), which
 * modes are set (DECRQM) and how it writes (DECRQSS); colours and size are told here, as xterm tells them.
 */
export class Answers {
  readonly #terminal: Terminal;
  readonly #answer: (text: string) => void;
  /** Answers whose end is not known yet: a question that ended with BEL is answered so. */
  #pending: string[] = [];

  constructor(terminal: Terminal, answer: (text: string) => void) {
    this.#terminal = terminal;
    this.#answer = answer;
    terminal.options.windowOptions = { getWinSizeChars: true };
    terminal.onData((text) => {
      this.#end("\x07");
      answer(text);
    });
    const { parser } = terminal;
    for (const code of Object.keys(dynamicColors).map(Number)) {
      parser.registerOscHandler(code, (data) => this.#dynamicColors(code, data.split(";")));
    }
    parser.registerOscHandler(4, (data) => this.#palette(data.split(";")));
    // What stands before it has ended a command.
    parser.registerEscHandler({ final: "\\" }, () => {
      this.#end("\x1b\\");
      return false;
    });
  }

  /** Tells that everything so far was carried out. */
  written(): void {
    const { currentState } = coreOf(this.#terminal)._inputHandler._parser;
    if (currentState !== afterEscape) this.#end("\x07");
  }

  #end(end: string): void {
    for (const text of this.#pending.splice(0)) this.#answer(text + end);
  }

  /** Each further part is about the next code. */
  #dynamicColors(first: number, parts: readonly string[]): boolean {
    parts.forEach((part, index) => {
      const color = dynamicColors[first + index];
      if (part === "?" && color) this.#pending.push(`\x1b]${first + index};${color}`);
    });
    return true;
  }

  #palette(parts: readonly string[]): boolean {
    for (let i = 0; i + 1 < parts.length; i += 2) {
      const index = /^\d{1,3}$/.test(parts[i]!) ? Number(parts[i]) : 256;
      if (parts[i + 1] === "?" && index < 256) this.#pending.push(`\x1b]4;${index};${paletteColor(index)}`);
    }
    return true;
  }
}

function paletteColor(index: number): string {
  const [r, g, b] = index < 16
    ? first16[index]!.match(/../g)!.map((hex) => Number.parseInt(hex, 16))
    : index < 232
    ? [36, 6, 1].map((step) => levels[Math.floor((index - 16) / step) % 6]!)
    : Array(3).fill(8 + (index - 232) * 10);
  return `rgb:${[r, g, b].map((value) => value!.toString(16).padStart(2, "0").repeat(2)).join("/")}`;
}
