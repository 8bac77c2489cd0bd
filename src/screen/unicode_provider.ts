import type { IUnicodeVersionProvider } from "@xterm/headless";
import { CELL_CHARS } from "../limits.ts";
import { characterWidth } from "./character_width.ts";

const zeroWidthJoiner = 0x200d;

/**
 * Tells the emulator how wide a character is, and whether it joins the cell before it: a mark does, and so does what
 * follows a zero-width joiner, so that a family emoji is one cell of two columns.
 *
 * What it answers is a number in the emulator's own layout: bit 0 to join, bits 1 and 2 the columns of the cell so far,
 * and from bit 3 on ours to use: whether the cell ends with a joiner. The answer for the character before comes back
 * with the next one; it is 0 after anything that was not printed.
 */
export class UnicodeProvider implements IUnicodeVersionProvider {
  readonly version = "wcwidth";
  readonly #cellBefore: () => string;

  /** @param cellBefore what stands in the cell before the cursor */
  constructor(cellBefore: () => string) {
    this.#cellBefore = cellBefore;
  }

  wcwidth(codePoint: number): 0 | 1 | 2 {
    return characterWidth(codePoint);
  }

  charProperties(codePoint: number, preceding: number): number {
    const width = characterWidth(codePoint);
    const afterJoiner = preceding >> 3 !== 0 && codePoint > 0x7f;
    if ((width === 0 || afterJoiner) && this.#hasRoom()) {
      return Number(codePoint === zeroWidthJoiner) << 3 | preceding & 0b110 | 1;
    }
    // A mark that has nothing to join, or too much of it, stands for itself.
    return (width || 1) << 1;
  }

  #hasRoom(): boolean {
    const text = this.#cellBefore();
    return text !== "" && text.length < CELL_CHARS;
  }
}
