import * as v from "valibot";
import { decodeBase64, encodeBase64 } from "../protocol/base64.ts";
import { exportFormat } from "../protocol/schemas/recording.ts";
import { unsigned } from "../protocol/schemas/values.ts";

/** At most three bytes are the beginning of a character. */
const rest = v.optional(v.pipe(v.string(), v.maxLength(4), v.check(isBase64)));
const ms = v.pipe(v.number(), v.finite());

const positionSchema = v.object({
  format: exportFormat,
  /** The event that comes next. */
  seq: v.pipe(unsigned, v.minValue(1)),
  /** The last one: what comes later is not in this file. */
  last: unsigned,
  /** How far a recording is written. */
  cast: v.optional(v.object({
    seq: unsigned,
    sizedTo: unsigned,
    cast: v.object({
      version: v.picklist([2, 3]),
      startMs: ms,
      lastMs: ms,
      leftMs: ms,
      stream: v.picklist(["stdout", "stderr", "pty"]),
      rests: v.object({ stdout: rest, stderr: rest, pty: rest }),
    }),
  })),
  /** Whether a text stands within an escape sequence. */
  plain: v.optional(v.picklist(["text", "return", "escape", "control", "string", "stringEscape"])),
});

/** Where a file of a process's output goes on, with all that is needed for it: a server keeps nothing between two parts. */
export type ExportPosition = v.InferOutput<typeof positionSchema>;

/** A position as a client is told it, who need not read it. */
export function positionText(position: ExportPosition): string {
  return encodeBase64(new TextEncoder().encode(JSON.stringify(position)));
}

/** The position of a text; undefined for one that no server has told. */
export function parsePosition(text: string): ExportPosition | undefined {
  try {
    const parsed = v.safeParse(positionSchema, JSON.parse(atob(text)));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

function isBase64(text: string): boolean {
  try {
    return decodeBase64(text).length < 4;
  } catch {
    return false;
  }
}
