import { LOGS_READ_BYTES, LOGS_WAIT_MS } from "../limits.ts";
import { invalidRequest } from "../protocol/errors.ts";
import { ConnectionError } from "../transport/transport.ts";
import { LastLines } from "./last_lines.ts";
import { BrokenOutput, writeOutput } from "./local_output.ts";
import type { LoggedOutput, LogsWanted } from "./logs_wanted.ts";
import type { ProgramHost } from "./program_host.ts";
import { brokenPipe } from "./run_status.ts";
import { TimedLines } from "./timed_lines.ts";
import { findShared, type SharedTarget } from "./shared_target.ts";

/** Prints a process's output. @returns the exit status */
export async function printLogs(
  target: SharedTarget,
  name: string,
  wanted: LogsWanted,
  host: ProgramHost,
): Promise<number> {
  const write = host.writeStandard;
  const timed = wanted.times ? new TimedLines() : undefined;
  const show = async (part: LoggedOutput) => {
    if (wanted.stream !== undefined && wanted.stream !== part.stream) return;
    const { stream, bytes } = timed?.add(part) ?? part;
    await writeOutput(write, stream, bytes);
  };
  const tellGap = async (from: number, to: number) => {
    const text = `exec-server: events ${from} to ${to} are not kept any more\n`;
    await write("stderr", new TextEncoder().encode(text)).catch(() => {});
  };
  try {
    if (wanted.sinceMs !== undefined && !target.client.can("processReadSince")) {
      throw invalidRequest("this server does not know when output came: give --since the number of an event");
    }
    const { handle, nextSeq, firstSeq } = await findShared(target, name);
    const last = nextSeq - 1;
    const from = { afterSeq: Math.max(last, wanted.afterSeq) };
    const process = await target.processes.attach(handle, { from });
    const first = wanted.afterSeq + 1;
    const tellsGap = first < firstSeq && first <= last && wanted.lines === undefined;
    if (tellsGap && wanted.sinceMs === undefined) await tellGap(first, firstSeq - 1);
    const there = output(target, process.processId, wanted, last);
    const lines = wanted.lines === undefined ? undefined : new LastLines(wanted.lines);
    let isFirst = true;
    for await (const part of there) {
      // Where the oldest that is kept is of that time, older output may have been too.
      if (isFirst && tellsGap && wanted.sinceMs !== undefined && part.seq === firstSeq) {
        await tellGap(first, firstSeq - 1);
      }
      isFirst = false;
      if (!lines) await show(part);
      else if (wanted.stream === undefined || wanted.stream === part.stream) lines.push(part);
    }
    for (const part of lines?.take() ?? []) await show(part);
    if (!wanted.follows) return 0;
    if (wanted.times) {
      // Events tell no times.
      for await (const part of output(target, process.processId, { ...wanted, afterSeq: last }, Infinity)) {
        await show(part);
      }
      return 0;
    }
    for await (const event of process.events()) {
      if (event.kind === "output") await show(event);
      if (event.kind === "gap") await tellGap(event.fromSeq, event.toSeq);
      if (event.kind === "failed") throw new ConnectionError(event.message);
    }
    return 0;
  } catch (error) {
    if (error instanceof BrokenOutput) return brokenPipe;
    throw error;
  }
}

/** What a process has put out behind one event and up to another, in parts; without another, up to its end. */
async function* output(
  { client }: SharedTarget,
  processId: string,
  { afterSeq, sinceMs, times }: LogsWanted,
  last: number,
): AsyncIterable<LoggedOutput & { readonly seq: number }> {
  const waitMs = last === Infinity ? LOGS_WAIT_MS : 0;
  for (let at = afterSeq; at < last;) {
    const params = { processId, afterSeq: at, sinceMs, times, maxBytes: LOGS_READ_BYTES, waitMs };
    const { chunks, nextSeq, closed } = await client.call("process/read", params);
    for (const { seq, stream, chunk, atMs } of chunks) {
      if (times && atMs === undefined) throw invalidRequest("this server does not tell when output came");
      if (seq <= last) yield { seq, stream, bytes: chunk, atMs };
    }
    const isAtEnd = chunks.length === 0 || nextSeq <= at + 1;
    if (isAtEnd && (waitMs === 0 || closed)) return;
    at = Math.max(at, nextSeq - 1);
  }
}
