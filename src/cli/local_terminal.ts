import { execFileSync } from "node:child_process";
import process from "node:process";
import type { TerminalSize } from "../protocol/schemas/process.ts";
import { TERMINAL_SIZE } from "../limits.ts";

/**
 * The terminal this program was started from, while a remote one is shown on it: every key goes through untouched, and
 * whatever way the program ends, the terminal is as it was. Standard input must be a terminal.
 */
export class LocalTerminal implements Disposable {
  readonly #restore = () => void process.stdin.setRawMode(false);
  readonly #onResize: (size: TerminalSize) => void;
  readonly #resized = () => this.#onResize(this.size);

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
    process.stdout.on("resize", this.#resized);
  }

  /** How large it is now. */
  get size(): TerminalSize {
    const { columns, rows } = process.stdout;
    return columns && rows ? { rows, cols: columns } : TERMINAL_SIZE;
  }

  [Symbol.dispose](): void {
    process.stdout.off("resize", this.#resized);
    process.off("exit", this.#restore);
    this.#restore();
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
