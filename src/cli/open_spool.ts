import { resolve } from "node:path";
import { failureText } from "../native/os_errors.ts";
import { SPOOL_PROCESS_BYTES, SPOOL_TOTAL_BYTES } from "../limits.ts";
import type { Logger } from "../observe/logger.ts";
import type { Spool } from "../spool/spool.ts";
import type { FlagValues } from "./command.ts";
import { parseCount } from "./count.ts";
import { parseDuration } from "./duration.ts";
import { UsageError } from "./usage_error.ts";

/** The flags of `serve` that say what becomes of output that memory has no room for. */
export const spoolFlags = {
  spool: {
    value: "DIR",
    complete: "files",
    help: "Keep output on disk that memory has no room for, in a folder of its own below DIR",
  },
  "spool-bytes": { value: "N", help: "Bytes of one process's output on disk; 1 GiB by default" },
  "spool-keep": {
    value: "DURATION",
    help:
      "How long the output of a process stays there once it has ended; as long as the process is known by default",
  },
  "spool-total": { value: "N", help: "Bytes on disk of the output of all processes; 10 GiB by default" },
} as const;

/**
 * Opens the spool, or says why there can be none.
 *
 * @throws {UsageError} where nothing can be written there
 */
export async function openSpool(
  flags: FlagValues<typeof spoolFlags>,
  logger: Logger,
): Promise<Spool | undefined> {
  const bytes = (name: "spool-bytes" | "spool-total", otherwise: number) => {
    if (flags[name] !== undefined && flags.spool === undefined) {
      throw new UsageError(`--${name} needs --spool`);
    }
    return parseCount(name, flags[name] ?? String(otherwise));
  };
  const processBytes = bytes("spool-bytes", SPOOL_PROCESS_BYTES);
  const totalBytes = bytes("spool-total", SPOOL_TOTAL_BYTES);
  const keep = flags["spool-keep"];
  if (keep !== undefined && flags.spool === undefined) throw new UsageError("--spool-keep needs --spool");
  const keepMs = keep === undefined ? undefined : parseDuration("spool-keep", keep);
  if (flags.spool === undefined) return undefined;
  const { Spool } = await import("../spool/spool.ts");
  const folder = resolve(flags.spool);
  return await Spool.open({ folder, processBytes, totalBytes, keepMs, logger }).catch((error) => {
    throw new UsageError(`--spool: cannot write in "${folder}": ${failureText(error)}`, { cause: error });
  });
}
