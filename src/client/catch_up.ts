import {
  CATCH_UP_ANSWER_MS,
  CATCH_UP_READ_BYTES,
  CATCH_UP_READ_MOST_BYTES,
  CATCH_UP_READS,
} from "../limits.ts";
import { RpcError } from "../protocol/errors.ts";
import type { ResultOf } from "../protocol/methods.ts";
import { TimeoutError } from "./call.ts";
import type { FollowedProcess } from "./followed_process.ts";
import type { Link } from "./link.ts";
import { ConnectionError } from "../transport/transport.ts";

/**
 * Fetches what a process did while there was no connection. Events are pushed meanwhile; the two are merged by seq, and
 * reading ends where pushing began: a lively process always has something new to be read.
 * A process of which something is no longer retained fails.
 *
 * @throws {ConnectionError} when the connection is lost again
 * @throws {TimeoutError} when the server does not answer in time
 */
export async function catchUp(link: Link, process: FollowedProcess): Promise<void> {
  try {
    await readMissed(link, process);
  } catch (error) {
    if (error instanceof ConnectionError || error instanceof TimeoutError) throw error;
    process.fail(error instanceof RpcError ? `the process is lost: ${error.message}` : String(error));
  }
}

async function readMissed(link: Link, process: FollowedProcess): Promise<void> {
  if (process.maySkip) return await readRetained(link, process);
  let maxBytes = CATCH_UP_READ_BYTES;
  let afterSeq = process.lastSeq;
  for (let reads = 0; reads < CATCH_UP_READS; reads++) {
    const params = { processId: process.id, afterSeq, maxBytes, waitMs: 0 };
    const result = await link.request("process/read", params, { timeoutMs: CATCH_UP_ANSWER_MS });
    for (const { seq, stream, chunk } of result.chunks) {
      process.push({ kind: "output", seq, stream, bytes: chunk });
    }
    if (process.ended) return;
    if (result.chunks.length === 0 || process.wasPushedBy(result.nextSeq)) return complete(process, result);
    afterSeq = Math.max(process.lastSeq, result.nextSeq - 1);
    maxBytes = Math.min(maxBytes * 2, CATCH_UP_READ_MOST_BYTES);
  }
  process.fail(`what was missed does not come to an end: ${CATCH_UP_READS} reads each brought more`);
}

/**
 * Whoever only looks on is not waited for: what is not retained is skipped. Output is retained without a gap, so that what
 * is missing in between is the exit. Whether it is before all that is retained shows only at the end, which the server's
 * memory tells at once, and its disk in parts.
 */
async function readRetained(link: Link, process: FollowedProcess): Promise<void> {
  const read = (afterSeq: number) =>
    link.request("process/read", { processId: process.id, afterSeq, waitMs: 0 }, {
      timeoutMs: CATCH_UP_ANSWER_MS,
    });
  let result = await read(process.lastSeq);
  for (let reads = 0; reads < CATCH_UP_READS; reads++) {
    const { chunks, nextSeq } = result;
    const mayBePart = chunks.at(-1)?.seq === nextSeq - 1 && !process.wasPushedBy(nextSeq);
    const next = mayBePart ? await read(nextSeq - 1) : undefined;
    takeRetained(process, result, { isLast: !next?.chunks.length });
    if (!next || process.ended) return;
    result = next;
  }
  takeRetained(process, result, { isLast: true });
}

function takeRetained(
  process: FollowedProcess,
  result: ResultOf<"process/read">,
  { isLast }: { readonly isLast: boolean },
): void {
  const { chunks, nextSeq, closed, exitCode, failure } = result;
  const end = isLast && closed ? nextSeq - 1 : nextSeq;
  const mayHaveExited = exitCode !== null && !process.exitArrived;
  const exitSeq = mayHaveExited ? exitBefore(process, chunks.map(({ seq }) => seq), end) : undefined;
  const isInside = exitSeq !== undefined && (isLast || exitSeq > chunks[0]!.seq);
  for (const { seq, stream, chunk } of chunks) {
    skipTo(process, seq, isInside ? exitSeq : undefined, result);
    process.push({ kind: "output", seq, stream, bytes: chunk });
  }
  skipTo(process, end, isInside ? exitSeq : undefined, result);
  if (!isLast) return;
  if (closed) process.push({ kind: "closed", seq: process.lastSeq + 1 });
  if (failure !== null) process.fail(failure);
}

/** The number of an exit that has not arrived: the last that is none of these. */
function exitBefore(process: FollowedProcess, seqs: readonly number[], end: number): number | undefined {
  let before = end;
  for (let i = seqs.length - 1; i >= 0 && seqs[i] === before - 1; i--) before--;
  while (process.lastSeq < before - 1 && process.has(before - 1)) before--;
  return before - 1 > process.lastSeq ? before - 1 : undefined;
}

/** Fills what is missing before an event: the exit, if it is there, and what is not to be had. */
function skipTo(
  process: FollowedProcess,
  seq: number,
  exitSeq: number | undefined,
  { exitCode, sandboxDenied, limit }: ResultOf<"process/read">,
): void {
  if (exitSeq !== undefined && exitSeq < seq && exitSeq > process.lastSeq) {
    process.skipTo(exitSeq - 1);
    process.push({ kind: "exited", seq: exitSeq, exitCode: exitCode!, sandboxDenied, limit });
  }
  process.skipTo(seq - 1);
}

/** Only output can be read; what is missing beside it must be the exit and the end. */
function complete(process: FollowedProcess, result: ResultOf<"process/read">): void {
  const last = result.nextSeq - 1;
  const missing = missingSeqs(process, last);
  const closed = result.closed && missing.at(-1) === last ? missing.pop() : undefined;
  const exited = result.exitCode !== null && !process.exitArrived && missing.length === 1
    ? missing.pop()
    : undefined;
  if (missing.length > 0) {
    return process.fail(`process events are no longer retained while recovering through sequence ${last}`);
  }
  if (exited !== undefined) {
    const { exitCode, sandboxDenied, limit } = result;
    process.push({ kind: "exited", seq: exited, exitCode: exitCode!, sandboxDenied, limit });
  }
  if (closed !== undefined) process.push({ kind: "closed", seq: closed });
  if (result.failure !== null) process.fail(result.failure);
}

/** The first events that are missing, up to one more than may be: the server names the last one, and may name any. */
function missingSeqs(process: FollowedProcess, last: number): number[] {
  const missing: number[] = [];
  for (let seq = process.lastSeq + 1; seq <= last && missing.length <= lifecycleEvents; seq++) {
    if (!process.has(seq)) missing.push(seq);
  }
  return missing;
}

/** The exit and the end. */
const lifecycleEvents = 2;
