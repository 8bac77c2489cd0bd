import type { Terminal } from "@xterm/headless";
import { coreOf } from "./core.ts";
import { graphics } from "./graphics.ts";
import { repaint, type Repainted } from "./repaint.ts";

const mouseModes = { none: undefined, x10: 9, vt200: 1000, drag: 1002, any: 1003 } as const;
const mouseEncodings: Readonly<Record<string, number>> = { SGR: 1006, SGR_PIXELS: 1016 };

/** What makes an empty terminal of this size look and go on like this one, with some of the lines above. */
export function terminalState(terminal: Terminal, scrollback: number): string {
  const { rows, cols, buffer: { normal, alternate, active } } = terminal;
  let painted = repaint(normal, { from: normal.baseY - Math.min(scrollback, normal.baseY), rows, cols });
  let { text } = painted;
  if (active === alternate) {
    // Back to where it was before comes whoever leaves the alternate screen.
    text += `\x1b[${normal.cursorY + 1};${Math.min(normal.cursorX, cols - 1) + 1}H\x1b[?1049h\x1b[H`;
    painted = repaint(alternate, { from: alternate.baseY, rows, cols });
    text += painted.text;
  }
  const homed = margins(terminal);
  text += homed + cursor(terminal, homed === "" ? painted : { ...painted, row: 0, column: 0 });
  return text + modes(terminal) + characterSets(terminal) + pen(terminal);
}

/** Before the cursor, which these take home. */
function margins(terminal: Terminal): string {
  const { scrollTop, scrollBottom } = coreOf(terminal).buffer;
  const whole = scrollTop === 0 && scrollBottom === terminal.rows - 1;
  return (whole ? "" : `\x1b[${scrollTop + 1};${scrollBottom + 1}r`) +
    (terminal.modes.originMode ? "\x1b[?6h" : "");
}

function cursor(terminal: Terminal, from: Repainted): string {
  const { cols, modes, buffer: { active } } = terminal;
  const { cursorX, cursorY } = active;
  const top = modes.originMode ? coreOf(terminal).buffer.scrollTop : 0;
  if (cursorX === from.column && cursorY - top === from.row) return "";
  const goTo = (column: number) => `\x1b[${cursorY - top + 1};${column + 1}H`;
  if (cursorX < cols) return goTo(cursorX);
  // After a character in the last column the next one goes to the next line: only writing gets there.
  const line = active.getLine(active.baseY + cursorY)!;
  const column = line.getCell(cols - 1)!.getWidth() === 0 ? cols - 2 : cols - 1;
  const cell = line.getCell(column)!;
  return `${goTo(column)}${graphics(cell as never)}${cell.getChars() || " "}\x1b[m`;
}

function modes(terminal: Terminal): string {
  const core = coreOf(terminal);
  const { modes } = terminal;
  const numbers = [
    modes.applicationCursorKeysMode && 1,
    modes.reverseWraparoundMode && 45,
    mouseModes[modes.mouseTrackingMode],
    modes.sendFocusMode && 1004,
    mouseEncodings[core.coreMouseService.activeEncoding],
    modes.bracketedPasteMode && 2004,
  ].filter((mode) => mode);
  return [
    numbers.length > 0 ? `\x1b[?${numbers.join(";")}h` : "",
    modes.wraparoundMode ? "" : "\x1b[?7l",
    core.coreService.isCursorHidden ? "\x1b[?25l" : "",
    modes.insertMode ? "\x1b[4h" : "",
    modes.applicationKeypadMode ? "\x1b=" : "",
  ].join("");
}

/** Letters and lines: no program of today uses others. A restored cursor brings back the one in use alone. */
function characterSets(terminal: Terminal): string {
  const { glevel, charset, _charsets } = coreOf(terminal)._charsetService;
  const lines = [0, 1, 2, 3].filter((index) => (index === glevel ? charset : _charsets[index])?.q === "─");
  return lines.map((index) => `\x1b${"()*+"[index]}0`).join("") + (glevel === 1 ? "\x0e" : "");
}

function pen(terminal: Terminal): string {
  const attributes = coreOf(terminal)._inputHandler._curAttrData;
  return attributes.isAttributeDefault() ? "" : graphics(attributes);
}
