import * as v from "valibot";
import { FLEET_LABELS, FLEET_NAME_CHARS } from "../limits.ts";
import { read } from "./opening.ts";

const text = v.pipe(v.string(), v.maxLength(FLEET_NAME_CHARS * 4));

const token = v.pipe(v.string(), v.maxLength(FLEET_NAME_CHARS), v.regex(/^[A-Za-z0-9_][A-Za-z0-9_-]*$/));

const reportSchema = v.object({
  v: v.number(),
  group: token,
  name: token,
  instance: text,
  state: v.picklist(["ready", "draining", "gone"]),
  labels: v.pipe(v.record(text, text), v.check((labels) => Object.keys(labels).length <= FLEET_LABELS)),
  os: text,
  arch: text,
  version: text,
  /** Processes that run. */
  processes: v.number(),
  /** Sessions that it holds. */
  sessions: v.number(),
  /** Programs that want to run for each core of it, of the last minute. */
  load: v.number(),
});

/** What a host says of itself, asked and unasked. */
export type HostReport = v.InferOutput<typeof reportSchema>;

/** @returns undefined for what is no report */
export function readReport(bytes: Uint8Array): HostReport | undefined {
  return read(reportSchema, bytes);
}
