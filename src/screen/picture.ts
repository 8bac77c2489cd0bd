import type { IBuffer } from "@xterm/headless";
import type { CellRun, ScreenFormat, ScreenResult } from "../protocol/schemas/screen.ts";
import { cellRuns } from "./cell_runs.ts";
import type { Emulator } from "./emulator.ts";

/** How to tell a screen. */
export interface PictureOptions {
  readonly format: ScreenFormat;
  /** How many of the lines above to tell too; none by default. */
  readonly scrollback?: number | undefined;
}

/** What log and emulator know together of a picture. */
export interface PictureSource {
  readonly emulator: Emulator;
  readonly seq: number;
  readonly missedBytes: number;
}

/** What an emulator shows. */
export function picture(source: PictureSource, options: PictureOptions): ScreenResult {
  const { emulator, seq, missedBytes } = source;
  const { size, buffer, title } = emulator;
  const available = buffer.baseY;
  const included = Math.min(options.scrollback ?? 0, available);
  const common = {
    seq,
    size,
    cursor: {
      row: buffer.cursorY,
      col: Math.min(buffer.cursorX, size.cols - 1),
      visible: emulator.cursorVisible,
    },
    title,
    alternateScreen: buffer.type === "alternate",
    scrollback: { included, available },
    missedBytes,
  };
  const tell = <Line>(line: (buffer: IBuffer, row: number) => Line) => ({
    lines: Array.from({ length: size.rows }, (_, row) => line(buffer, available + row)),
    above: Array.from({ length: included }, (_, row) => line(buffer, available - included + row)),
  });
  switch (options.format) {
    case "text":
      return { format: "text", ...common, ...tell<string>(lineText) };
    case "cells":
      return { format: "cells", ...common, ...tell<CellRun[]>(cellRuns) };
    case "ansi":
      return { format: "ansi", ...common, text: emulator.serialize(included) };
  }
}

/** A line without blanks at its end. */
function lineText(buffer: IBuffer, row: number): string {
  return buffer.getLine(row)?.translateToString(true).replace(/ +$/, "") ?? "";
}
