import type { IBuffer, IBufferCell } from "@xterm/headless";
import type { CellFlag, CellRun } from "../protocol/schemas/screen.ts";

const flagTests: readonly (readonly [CellFlag, (cell: IBufferCell) => number])[] = [
  ["bold", (cell) => cell.isBold()],
  ["dim", (cell) => cell.isDim()],
  ["italic", (cell) => cell.isItalic()],
  ["underline", (cell) => cell.isUnderline()],
  ["blink", (cell) => cell.isBlink()],
  ["inverse", (cell) => cell.isInverse()],
  ["invisible", (cell) => cell.isInvisible()],
  ["strikethrough", (cell) => cell.isStrikethrough()],
  ["overline", (cell) => cell.isOverline()],
];

/** What can be seen of a cell without a character. */
const seenOnBlanks: readonly CellFlag[] = ["underline", "inverse", "strikethrough", "overline"];

/** A line's cells up to the last that is not blank, those that look alike together. */
export function cellRuns(buffer: IBuffer, row: number): CellRun[] {
  const line = buffer.getLine(row);
  const runs: CellRun[] = [];
  const cell = buffer.getNullCell();
  let style: string | undefined;
  /** How many runs, and how much of the last, are left when the blanks at the end are not. */
  let keptRuns = 0;
  let keptText = 0;
  for (let column = 0; line?.getCell(column, cell); column++) {
    // The second half of a wide character.
    if (cell.getWidth() === 0) continue;
    const run = describe(cell);
    const own = run.joined ? undefined : styleOf(cell);
    if (own !== undefined && own === style) runs.at(-1)!.text += run.text;
    else runs.push(run);
    style = own;
    if (isBlank(run)) continue;
    keptRuns = runs.length;
    keptText = runs.at(-1)!.text.length;
  }
  runs.length = keptRuns;
  const last = runs.at(-1);
  if (last) last.text = last.text.slice(0, keptText);
  return runs;
}

function describe(cell: IBufferCell): CellRun {
  const run: CellRun = { text: cell.getChars() || " " };
  if (cell.getWidth() === 2) run.width = 2;
  if (run.text.length > String.fromCodePoint(run.text.codePointAt(0)!).length) run.joined = true;
  if (!cell.isFgDefault()) run.fg = color(cell.getFgColor(), cell.isFgRGB());
  if (!cell.isBgDefault()) run.bg = color(cell.getBgColor(), cell.isBgRGB());
  const flags = flagTests.filter(([, test]) => test(cell)).map(([flag]) => flag);
  if (flags.length > 0) run.flags = flags;
  return run;
}

function color(value: number, isRgb: boolean): number | string {
  return isRgb ? `#${value.toString(16).padStart(6, "0")}` : value;
}

/** The same text for cells that look alike. */
function styleOf(cell: IBufferCell): string {
  const colors = [cell.getFgColorMode(), cell.getFgColor(), cell.getBgColorMode(), cell.getBgColor()];
  return `${cell.getWidth()} ${colors.join(" ")} ${
    flagTests.map(([, test]) => Number(test(cell) !== 0)).join("")
  }`;
}

function isBlank({ text, bg, flags }: CellRun): boolean {
  return text === " " && bg === undefined && !flags?.some((flag) => seenOnBlanks.includes(flag));
}
