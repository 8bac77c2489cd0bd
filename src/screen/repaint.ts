import type { IBuffer, IBufferCell, IBufferLine } from "@xterm/headless";
import { type Attributes, graphics, isBackgroundOnly } from "./graphics.ts";

/** What of a buffer to paint. */
export interface RepaintOptions {
  /** The first line, an index in the buffer. */
  readonly from: number;
  readonly rows: number;
  readonly cols: number;
}

/** What painted a buffer. */
export interface Repainted {
  readonly text: string;
  /** Where on the screen the cursor is after that; no column where terminals may disagree. */
  readonly row: number;
  readonly column: number | undefined;
}

/**
 * Text with escape codes that paints a buffer into an empty terminal of the same size. It leaves the way that characters
 * are written as it is in an empty terminal.
 *
 * Whatever follows a character on whose width terminals disagree says which column it begins in.
 */
export function repaint(buffer: IBuffer, { from, rows, cols }: RepaintOptions): Repainted {
  const painter = new Painter(buffer.getNullCell(), cols);
  for (let row = from; row < buffer.baseY + rows; row++) {
    painter.line(buffer.getLine(row)!, row === from);
  }
  // Only so do all lines above leave the screen.
  if (from < buffer.baseY) painter.breakLines();
  return painter.end(buffer.baseY - from);
}

class Painter {
  readonly #cell: IBufferCell;
  readonly #attributes: Attributes;
  readonly #cols: number;
  #text = "";
  /** Where the next character would go; undefined where terminals may disagree. */
  #column: number | undefined = 0;
  #style = "";
  #row = 0;
  /** Ends of lines that are yet to come. */
  #newlines = 0;

  /** @param cell room for a cell, to be used again and again */
  constructor(cell: IBufferCell, cols: number) {
    this.#cell = cell;
    this.#attributes = cell as unknown as Attributes;
    this.#cols = cols;
  }

  line(line: IBufferLine, isFirst: boolean): void {
    if (!isFirst) {
      if (this.#continues(line)) this.#row++;
      else this.#newlines++;
    }
    for (let column = 0; column < this.#cols;) {
      line.getCell(column, this.#cell);
      const text = this.#cell.getChars();
      const width = this.#cell.getWidth();
      // The second half of a wide character, and what was never written to.
      if (width === 0 || text === "" && this.#cell.isAttributeDefault()) column++;
      else if (text === "" && isBackgroundOnly(this.#attributes)) column += this.#erase(line, column);
      else column += this.#character(text || " ", width, column);
    }
  }

  breakLines(): void {
    if (this.#newlines === 0) return;
    // Lines that come at the bottom have the colour behind that is in force.
    this.#setStyle("");
    this.#text += "\r\n".repeat(this.#newlines);
    this.#row += this.#newlines;
    this.#newlines = 0;
    this.#column = 0;
  }

  /** @param above how many lines have left the screen */
  end(above: number): Repainted {
    this.#setStyle("");
    return { text: this.#text, row: this.#row - above, column: this.#column };
  }

  /** Whether a line is the rest of the one before it, and comes about by writing on. */
  #continues(line: IBufferLine): boolean {
    return line.isWrapped && this.#newlines === 0 && this.#column === this.#cols &&
      line.getCell(0, this.#cell)!.getChars() !== "";
  }

  #character(text: string, width: number, column: number): number {
    const style = this.#cell.isAttributeDefault() ? "" : graphics(this.#attributes);
    const hasBackground = !this.#cell.isBgDefault();
    const wraps = column === 0 && this.#newlines === 0 && this.#column === this.#cols;
    if (!wraps) this.#goTo(column);
    this.#setStyle(style);
    this.#text += text;
    this.#column = isUndisputed(text, width) ? column + width : undefined;
    if (wraps && hasBackground) {
      this.#setStyle("");
      this.#text += "\x1b[K";
    }
    return width;
  }

  /** @returns how many cells look the same */
  #erase(line: IBufferLine, column: number): number {
    const style = graphics(this.#attributes);
    let length = 1;
    for (; column + length < this.#cols; length++) {
      line.getCell(column + length, this.#cell);
      if (this.#cell.getChars() !== "" || this.#cell.getWidth() === 0) break;
      if (graphics(this.#attributes) !== style) break;
    }
    this.#goTo(column);
    this.#setStyle(style);
    this.#text += `\x1b[${length}X`;
    return length;
  }

  #goTo(column: number): void {
    this.breakLines();
    if (this.#column !== column) this.#text += `\x1b[${column + 1}G`;
    this.#column = column;
  }

  #setStyle(style: string): void {
    if (style === this.#style) return;
    this.#style = style;
    this.#text += style || "\x1b[m";
  }
}

/** Whether every terminal gives a character this width: letters, boxes, and what East Asian scripts mostly use. */
function isUndisputed(text: string, width: number): boolean {
  if (text.length > 1) return false;
  const code = text.charCodeAt(0);
  if (width === 1) return code < 0x300 || code >= 0x2500 && code < 0x25a0;
  return code >= 0x3041 && code <= 0x3096 || code >= 0x4e00 && code <= 0x9fa5 ||
    code >= 0xac00 && code <= 0xd7a3;
}
