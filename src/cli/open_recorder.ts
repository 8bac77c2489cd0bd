import { resolve } from "node:path";
import { RECORDING_BYTES } from "../limits.ts";
import { failureText } from "../native/os_errors.ts";
import type { Logger } from "../observe/logger.ts";
import type { Recorder } from "../recording/recorder.ts";
import type { FlagValues } from "./command.ts";
import { parseCount } from "./count.ts";
import { oneOf } from "./one_of.ts";
import { UsageError } from "./usage_error.ts";

/** The flags of `serve` that say what is recorded. */
export const recordFlags = {
  "record-dir": {
    value: "DIR",
    complete: "files",
    help: "Record what processes print, as asciicast files in DIR",
  },
  "record": { value: "WHAT", complete: ["all", "tty"], help: "What is recorded: all by default, or tty" },
  "record-keys": {
    help:
      "Record what is typed, too; of lines that a terminal does not show, such as passwords, how long they are",
  },
  "record-max-bytes": { value: "N", help: "Bytes of one recording; 1 GiB by default" },
} as const;

/**
 * Opens what records, where something is to be recorded.
 *
 * @throws {UsageError} where there can be no such folder
 */
export async function openRecorder(
  flags: FlagValues<typeof recordFlags>,
  logger: Logger,
): Promise<Recorder | undefined> {
  const given = (["record", "record-keys", "record-max-bytes"] as const).find((name) => flags[name] ?? false);
  if (flags["record-dir"] === undefined) {
    if (given) throw new UsageError(`--${given} needs --record-dir`);
    return undefined;
  }
  const folder = resolve(flags["record-dir"]);
  const what = oneOf("record", flags.record ?? "all", ["all", "tty"] as const);
  const maxBytes = parseCount("record-max-bytes", flags["record-max-bytes"] ?? String(RECORDING_BYTES));
  const { Recorder } = await import("../recording/recorder.ts");
  return await Recorder.open({ folder, what, maxBytes, logger, recordsInput: flags["record-keys"] }).catch(
    (error) => {
      throw new UsageError(`--record-dir: cannot write in "${folder}": ${failureText(error)}`, {
        cause: error,
      });
    },
  );
}
