import * as v from "valibot";
import { optional, processId, unsigned } from "./values.ts";
import { terminalSize } from "./process.ts";

/** Schemas of `process/screen`: additive, what a person in front of a process's terminal would see. */

/** How the screen is told: as plain lines, as text with escape codes, or as cells with their colours. */
export const screenFormat = v.picklist(["text", "ansi", "cells"]);

export const screenParams = v.object({
  processId,
  /** How the screen is told. */
  format: screenFormat,
  /** How many of the lines that have left the screen at the top to tell too, the newest ones; 0 when absent. */
  scrollback: optional(unsigned),
});

/** A colour: one of the terminal's palette, 0 to 255, or `"#rrggbb"`. */
const color = v.union([v.number(), v.string()]);

export const cellFlag = v.picklist([
  "bold",
  "dim",
  "italic",
  "underline",
  "blink",
  "inverse",
  "invisible",
  "strikethrough",
  "overline",
]);

/**
 * Cells side by side that look alike. Every code point of `text` is one cell, except where `joined` says that all of
 * them together are one, such as a letter with its accents.
 */
export const cellRun = v.object({
  /** What stands in the cells. */
  text: v.string(),
  /** Columns of each cell: 2 for most East Asian characters and emoji; 1 when absent. */
  width: v.optional(v.literal(2)),
  /** Set where all of the text is one cell. */
  joined: v.optional(v.literal(true)),
  /** The text's colour; the terminal's own when absent. */
  fg: v.optional(color),
  /** The colour behind; the terminal's own when absent. */
  bg: v.optional(color),
  /** How it is written; plainly when absent. */
  flags: v.optional(v.array(cellFlag)),
});

/** A line from its first cell to its last that is not blank. */
const cellLine = v.array(cellRun);

const common = {
  /** The screen is as it was right after this event; 0 before the first. */
  seq: unsigned,
  /** The terminal's size at that moment. */
  size: terminalSize,
  /**
   * Where the next character goes, counted from 0. After a character in the last column it is the last column: the
   * cursor moves on with the next character.
   */
  cursor: v.object({
    /** From the top. */
    row: unsigned,
    /** From the left. */
    col: unsigned,
    /** Whether the program shows it. */
    visible: v.boolean(),
  }),
  /** The title that the program gave its window; empty without. */
  title: v.string(),
  /** Whether the program has taken the whole screen over, as editors and pagers do. It has no scrollback. */
  alternateScreen: v.boolean(),
  /** Lines above the screen: how many are told here, and how many could be. */
  scrollback: v.object({
    /** Lines told here. */
    included: unsigned,
    /** Lines that could be told. */
    available: unsigned,
  }),
  /**
   * Bytes of output that this screen never saw, because they were gone from the log before somebody looked. Where it
   * is not 0, the picture may be incomplete until the program draws it anew, as many do after a `process/resize`.
   */
  missedBytes: unsigned,
};

export const screenResult = v.variant("format", [
  v.object({
    format: v.literal("text"),
    ...common,
    /** Every line of the screen from top to bottom, without blanks at its end. */
    lines: v.array(v.string()),
    /** The lines above, oldest first. */
    above: v.array(v.string()),
  }),
  v.object({
    format: v.literal("ansi"),
    ...common,
    /** Text with escape codes that paints lines above, screen, and cursor into an empty terminal of this size. */
    text: v.string(),
  }),
  v.object({
    format: v.literal("cells"),
    ...common,
    /** Every line of the screen from top to bottom. */
    lines: v.array(cellLine),
    /** The lines above, oldest first. */
    above: v.array(cellLine),
  }),
]);

export type ScreenFormat = v.InferOutput<typeof screenFormat>;
export type ScreenResult = v.InferOutput<typeof screenResult>;
export type CellRun = v.InferOutput<typeof cellRun>;
export type CellFlag = v.InferOutput<typeof cellFlag>;
