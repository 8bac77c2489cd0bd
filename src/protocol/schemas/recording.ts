import * as v from "valibot";
import { base64, name, optional, processId } from "./values.ts";

/** Schemas of the methods that record output: all additive. */

/** What output is told as. */
export const exportFormat = v.picklist(["v3", "v2", "text", "raw"]);

export const exportParams = v.object({
  processId,
  /**
   * `v3` and `v2`: a recording in that version of asciicast. `text`: without what drives a terminal. `raw`: every byte, of all
   * streams as they came. `v3` when absent.
   */
  format: v.optional(exportFormat, "v3"),
  /** The `position` of the part before; the first part when absent. */
  position: optional(name),
});

export const exportResult = v.object({
  /** The next bytes of the file; a part may have none. */
  chunk: base64,
  /** What to ask for the part behind it with, also on another connection; null at the end. */
  position: v.nullable(v.string()),
});

export type ExportFormat = v.InferOutput<typeof exportFormat>;
