import { CATCH_UP_READ_BYTES } from "../limits.ts";
import { RpcError } from "../protocol/errors.ts";
import type { ResultOf } from "../protocol/methods.ts";
import { CallTimeoutError } from "./call.ts";
import type { Link } from "./link.ts";
import type { RemoteProcess } from "./remote_process.ts";
import { ConnectionError } from "./transport.ts";

/**
 * Fetches what a process did while there was no connection. Events are pushed meanwhile; the two are merged by seq.
 * A process of which something is no longer retained fails.
 *
 * @throws {ConnectionError} when the connection is lost again
 */
export async function catchUp(link: Link, process: RemoteProcess): Promise<void> {
  try {
    let afterSeq = process.lastSeq;
    for (let maxBytes = CATCH_UP_READ_BYTES;; maxBytes *= 2) {
      const result = await link.request("process/read", {
        processId: process.id,
        afterSeq,
        maxBytes,
        waitMs: 0,
      });
      for (const { seq, stream, chunk } of result.chunks) {
        process.push({ kind: "output", seq, stream, bytes: chunk });
      }
      if (result.chunks.length === 0) return complete(process, result);
      afterSeq = Math.max(process.lastSeq, result.nextSeq - 1);
    }
  } catch (error) {
    if (error instanceof ConnectionError || error instanceof CallTimeoutError) throw error;
    process.fail(error instanceof RpcError ? `the process is lost: ${error.message}` : String(error));
  }
}

/** Only output can be read; what is missing beside it must be the exit and the end. */
function complete(process: RemoteProcess, result: ResultOf<"process/read">): void {
  const last = result.nextSeq - 1;
  const missing = missingSeqs(process, last);
  const closed = result.closed && missing.at(-1) === last ? missing.pop() : undefined;
  const exited = result.exitCode !== null && !process.exitArrived && missing.length === 1
    ? missing.pop()
    : undefined;
  if (missing.length > 0) {
    return process.fail(`process events are no longer retained while recovering through sequence ${last}`);
  }
  if (exited !== undefined) process.push({ kind: "exited", seq: exited, exitCode: result.exitCode! });
  if (closed !== undefined) process.push({ kind: "closed", seq: closed });
  if (result.failure !== null) process.fail(result.failure);
}

function missingSeqs(process: RemoteProcess, last: number): number[] {
  const missing: number[] = [];
  for (let seq = process.lastSeq + 1; seq <= last; seq++) if (!process.has(seq)) missing.push(seq);
  return missing;
}
