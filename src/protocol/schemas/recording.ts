import * as v from "valibot";
import { base64, fileUri, name, optional, processId, unsigned } from "./values.ts";

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

export const recordParams = v.object({
  processId,
  /**
   * A new file of the server's machine, which needs the role `full`; one in the folder of its `--record-dir` when absent.
   */
  path: optional(fileUri),
  /** Bytes of the file at the most: then a marker says so and it ends. What the server allows when absent. */
  maxBytes: optional(unsigned),
  /**
   * `markers`: who takes the keyboard, and how much they type. `keys`: what is typed, too, by whomever, which needs the role
   * `full`; of lines that the terminal does not show, such as passwords, only how long they are. `markers` when absent.
   */
  input: v.optional(v.picklist(["markers", "keys"]), "markers"),
});

export const recordResult = v.object({
  /** What to end it by. */
  recordingId: v.string(),
  /** The file. */
  path: fileUri,
});

export const stopRecordingParams = v.object({
  /** What `process/record` has answered. */
  recordingId: name,
});

export const stopRecordingResult = v.object({
  /** Characters of the file. */
  bytes: unsigned,
  /** How many times output is missing that the recording was too slow for. */
  gaps: unsigned,
  /** Why it had ended before, such as a full disk; null where it had not. */
  error: v.nullable(v.string()),
});

export const listRecordingsResult = v.object({
  /** The folder of `--record-dir`; null where the server has none. */
  folder: v.nullable(fileUri),
  /** What is in it, the newest first. */
  recordings: v.array(v.object({
    /** The file. */
    path: fileUri,
    /** Its bytes by now. */
    bytes: unsigned,
    /** When it was last written to, in milliseconds since 1970. */
    modifiedAtMs: unsigned,
    /** The process that it is of, as `process/listAll` tells it; null where the file's name does not say so. */
    handle: v.nullable(v.string()),
    /** Whether it still grows. */
    isRunning: v.boolean(),
  })),
  /** Whether there are more, which are older. */
  isCut: v.boolean(),
});

export type ExportFormat = v.InferOutput<typeof exportFormat>;
