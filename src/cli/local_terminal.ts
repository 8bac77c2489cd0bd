import { execFileSync } from "node:child_process";
import { writeSync } from "node:fs";
import process from "node:process";
import type { TerminalSize } from "../protocol/schemas/process.ts";
import { TERMINAL_SIZE } from "../limits.ts";
import { TerminalModes } from "./terminal_modes.ts";

/**
 * The terminal this program was started from, while a remote one is shown on it: every key goes through untouched, and
 * whatever way the program ends, the terminal is as it was, with the modes that the remote program had set. Standard
 * input must be a terminal.
 */
export class LocalTerminal implements Disposable {
  readonly #modes = new TerminalModes();
  readonly #restore = () => this.#giveBack();
  readonly #onResize: (size: TerminalSize) => void;
  readonly #resized = () => this.#onResize(this.size);
  /** What says its size, and that it changed: an output that is the terminal, where one is. */
  readonly #output = [process.stdout, process.stderr].find(({ isTTY }) => isTTY);

  /**
   * Takes the terminal over.
   *
   * @param onResize called with the new size after each change
   */
  constructor(onResize: (size: TerminalSize) => void) {
    this.#onResize = onResize;
    process.stdin.setRawMode(true);
    stopOutputProcessing();
    process.on("exit", this.#restore);
    if (this.#output) this.#output.on("resize", this.#resized);
    else process.on("SIGWINCH", this.#resized);
  }

  /** How large it is now. */
  get size(): TerminalSize {
    const { columns, rows } = this.#output ?? {};
    return columns && rows ? { rows, cols: columns } : sizeOfInput() ?? TERMINAL_SIZE;
  }

  /** Takes note of what is shown on it. */
  shown(bytes: Uint8Array): void {
    if (process.stdout.isTTY) this.#modes.push(bytes);
  }

  [Symbol.dispose](): void {
    this.#output?.off("resize", this.#resized);
    process.off("SIGWINCH", this.#resized);
    process.off("exit", this.#restore);
    this.#restore();
  }

  #giveBack(): void {
    try {
      writeSync(1, this.#modes.undo);
    } catch {
      // It is gone, or takes nothing just now.
    }
    process.stdin.setRawMode(false);
  }
}

/** The size of the terminal on standard input, which has no other way to be asked. */
function sizeOfInput(): TerminalSize | undefined {
  try {
    const text = execFileSync("stty", ["size"], { stdio: ["inherit", "pipe", "ignore"], encoding: "utf8" });
    const [rows = 0, cols = 0] = text.trim().split(" ").map(Number);
    return rows > 0 && cols > 0 ? { rows, cols } : undefined;
  } catch {
    return undefined; // A system without stty.
  }
}

/**
 * The runtimes' raw mode leaves the terminal turn every newline into two characters, which the remote one has done
 * already, or means not to do: programs that draw move down a line with a bare newline.
 */
function stopOutputProcessing(): void {
  try {
    execFileSync("stty", ["-opost"], { stdio: ["inherit", "ignore", "ignore"] });
  } catch {
    // A system without stty: lines are drawn one column off at worst.
  }
}
