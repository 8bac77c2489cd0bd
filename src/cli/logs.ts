import { parseCount } from "./count.ts";
import { defineCommand, type FlagValues } from "./command.ts";
import type { LogsWanted } from "./logs_wanted.ts";
import { parsePastTime } from "./past_time.ts";
import { serverFlags } from "./server_flags.ts";
import { UsageError } from "./usage_error.ts";

const streams = ["stdout", "stderr"] as const;
const flags = {
  ...serverFlags,
  follow: { short: "f", help: "Go on with what comes, until the process has ended" },
  tail: { value: "N", short: "n", help: "Only the last N lines of what is there" },
  since: {
    value: "SEQ|TIME",
    help:
      "Only what came after the event of this number, as run --json and ps --json tell them; or since a time, \
such as 10m (ago) or 2026-01-31T12:00:00Z",
  },
  timestamps: {
    short: "t",
    help: "Begin each line with the time when it came, such as 2026-01-31T12:00:00.000Z",
  },
  stream: {
    value: "stdout|stderr",
    complete: streams,
    help: "Only what came on this stream; a terminal has only one",
  },
} as const;

/** `exec-server logs` */
export const logs = defineCommand({
  name: "logs",
  summary: "Print what a process of a server has put out",
  operands: "NAME",
  complete: "processes",
  description:
    `NAME is a process's name, its handle, or the beginning of that. Output comes byte for byte on standard output \
and error as the process wrote it. A server keeps the newest megabyte of each process, and more with serve --spool; what is \
no longer kept is told on standard error.`,
  examples: [
    "--url ws://127.0.0.1:9000 build",
    "-f --tail 20 build",
    "-t --since 10m build",
    "--stream stderr build",
  ],
  flags,
  async run({ flags, rest }, host) {
    const wanted = parse(flags);
    const { oneName, openShared } = await import("./shared_target.ts");
    const name = oneName("logs", rest);
    await using target = await openShared(flags, host);
    const { printLogs } = await import("./print_logs.ts");
    return await printLogs(target, name, wanted, host);
  },
});

/** @throws {UsageError} for what means nothing */
function parse({ follow, tail, since, stream, timestamps }: FlagValues<typeof flags>): LogsWanted {
  if (stream !== undefined && !(streams as readonly string[]).includes(stream)) {
    throw new UsageError(`--stream takes ${streams.join(" or ")}, not "${stream}"`);
  }
  const isSeq = since === undefined || /^\d+$/.test(since);
  return {
    afterSeq: isSeq ? parseCount("since", since ?? "0", { least: 0 }) : 0,
    sinceMs: isSeq ? undefined : parsePastTime("since", since, Date.now()),
    lines: tail === undefined ? undefined : parseCount("tail", tail, { least: 0 }),
    stream,
    follows: follow,
    times: timestamps,
  };
}
