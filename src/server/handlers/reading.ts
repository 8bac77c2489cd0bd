import { SPOOL_READ_BYTES } from "../../limits.ts";
import type { ExitCauses, LogSlice } from "../../log/output_log.ts";
import { waitForNews } from "../../log/wait_and_read.ts";
import { encodeBase64 } from "../../protocol/base64.ts";
import type { ReadParams } from "../../protocol/schemas/process.ts";
import type { Attachment } from "../../session/attachment.ts";
import type { SpooledOutput } from "../../spool/segment.ts";
import type { Outbox } from "../outbox.ts";
import { EncodedResult } from "./handler.ts";

/** Answers with output that is retained, in memory or on disk; where there is none yet, and it is asked to, it waits. */
export function readOutput(
  attachment: Attachment,
  { sinceMs: since, times, ...params }: Omit<ReadParams, "processId">,
  { outbox, signal }: { readonly outbox: Outbox; readonly signal: AbortSignal },
): EncodedResult | Promise<EncodedResult> {
  const { process: { log, spool, startedAtMs }, subscription } = attachment;
  const sinceMs = since === undefined ? undefined : since - startedAtMs;
  const options = { ...params, sinceMs, signal };
  const answerWith = (read: () => Readable) => {
    let nextSeq = 0;
    // It is read when it is sent: what waits for its client to take answers holds no output.
    const encode = () => {
      const { chunks, ...slice } = read();
      nextSeq = slice.nextSeq;
      const { sandboxDenied = false, limit } = log.exited ?? {};
      const told = { ...slice, chunks: subscription.told(chunks) };
      return encodeReadResult(told, { sandboxDenied, limit }, times ? startedAtMs : undefined);
    };
    return new EncodedResult(encode, () => {
      if (subscription.readTo(nextSeq)) outbox.answeredMissed(subscription);
    });
  };
  const fromMemory = () => answerWith(() => log.read(options));
  const from = (options.afterSeq ?? 0) + 1;
  const isOnDisk = spool?.firstSeq !== undefined && from < log.firstSeq && spool.firstSeq < log.firstSeq;
  if (!isOnDisk) return waitForNews(log, options)?.then(fromMemory) ?? fromMemory();
  const place = { fromSeq: from, sinceMs };
  return spool.read(place, Math.min(options.maxBytes ?? Infinity, SPOOL_READ_BYTES)).then((chunks) => {
    const last = chunks.at(-1);
    if (!last) return fromMemory();
    return answerWith(() => ({ ...log.read({ afterSeq: log.nextSeq }), chunks, nextSeq: last.seq + 1 }));
  });
}

/** What an answer tells. */
type Readable = Omit<LogSlice, "chunks"> & { readonly chunks: readonly SpooledOutput[] };

/** @param startedAtMs the process's, where times are wanted */
function encodeReadResult(
  { chunks, ...rest }: Readable,
  causes: ExitCauses,
  startedAtMs: number | undefined,
): string {
  const list = chunks.map(({ seq, stream, bytes, atMs = 0 }) => {
    const time = startedAtMs === undefined ? "" : `,"atMs":${startedAtMs + atMs}`;
    return `{"seq":${seq},"stream":"${stream}","chunk":"${encodeBase64(bytes)}"${time}}`;
  });
  const end = JSON.stringify({ ...rest, ...causes });
  return `{"chunks":[${list.join(",")}],${end.slice(1)}`;
}
