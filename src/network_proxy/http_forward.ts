/** Passes one request of HTTP on, and its answer back. */
import { setTimeout } from "node:timers";
import type { NetworkConnection } from "../host/network.ts";
import { NETWORK_PROXY_GONE_MS, NETWORK_PROXY_HEAD_BYTES } from "../limits.ts";
import { ByteReader } from "./byte_reader.ts";
import { passBody } from "./http_body.ts";
import {
  answerFraming,
  type AnswerHead,
  type Framing,
  headBytes,
  type HeaderLine,
  HttpError,
  passedOn,
  readAnswerHead,
  type RequestHead,
} from "./http_message.ts";
import type { Target } from "./http_target.ts";

/** A request that may go ahead. */
export interface ForwardedRequest {
  readonly head: RequestHead;
  readonly target: Target;
  readonly framing: Framing;
  /** Whether the client's connection is to end behind the answer. */
  readonly isLast: boolean;
}

/** Whether the client's connection can be used again, or nothing has been answered on it yet. */
export type ForwardOutcome = "go on" | "end" | "unanswered";

/**
 * Passes it on. Request and answer flow at once: a server may answer before it has read everything.
 *
 * @throws {Error} where the answer broke off, so that the client's connection must, too
 */
export async function forward(
  request: ForwardedRequest,
  reader: ByteReader,
  client: NetworkConnection,
  upstream: NetworkConnection,
): Promise<ForwardOutcome> {
  const answers = new ByteReader(upstream);
  let isUploaded = false;
  const upload = async () => {
    try {
      await upstream.write(requestHead(request));
      await passBody(reader, upstream, request.framing);
      isUploaded = true;
      await watchClient(reader, upstream);
    } catch (error) {
      // Nobody is left to answer, or nothing to be asked. Otherwise the server has read enough, and may still answer.
      if (reader.isBroken || error instanceof HttpError) upstream.destroy();
    }
  };
  const uploading = upload();
  const head = await answerHead(answers, request, client).catch(() => undefined);
  if (!head) {
    upstream.destroy();
    return "unanswered";
  }
  const { framing, isLast } = await writeHead(head, request, client);
  await passBody(answers, client, framing, request.head.minor === 0 ? "taken off" : "kept");
  if (isLast || !isUploaded) return "end";
  reader.stopWatching();
  await uploading;
  return "go on";
}

function requestHead({ head, target, framing }: ForwardedRequest): Uint8Array {
  const { method, headers } = head;
  const kept = passedOn(headers).filter(([name]) => name.toLowerCase() !== "host");
  return headBytes(`${method} ${target.path} HTTP/1.1`, [
    ["host", target.hostHeader],
    ...kept,
    ...chunkedLine(framing),
  ]);
}

/** The final one; those before it are passed on. */
async function answerHead(
  answers: ByteReader,
  { head: { minor } }: ForwardedRequest,
  client: NetworkConnection,
): Promise<AnswerHead> {
  for (;;) {
    const text = await answers.readHead(NETWORK_PROXY_HEAD_BYTES);
    if (text === null) throw new HttpError("no answer");
    const head = readAnswerHead(text);
    if (head.status >= 200) return head;
    // What was to be upgraded was not passed on.
    if (head.status === 101) throw new HttpError("an answer to what was not asked");
    if (minor === 1) await client.write(headBytes(statusLine(head), passedOn(head.headers)));
  }
}

async function writeHead(
  head: AnswerHead,
  request: ForwardedRequest,
  client: NetworkConnection,
): Promise<{ framing: Framing; isLast: boolean }> {
  const framing = answerFraming(head, request.head.method);
  const isLast = request.isLast || framing.kind === "until the end";
  await client.write(headBytes(statusLine(head), [
    ...passedOn(head.headers).filter(([name]) =>
      framing.kind !== "chunked" || name.toLowerCase() !== "content-length"
    ),
    ...request.head.minor === 1 ? chunkedLine(framing) : [],
    ...isLast ? [["connection", "close"] as const] : [],
  ]));
  return { framing, isLast };
}

function statusLine({ status, reason }: AnswerHead): string {
  return `HTTP/1.1 ${status} ${reason}`;
}

function chunkedLine({ kind }: Framing): HeaderLine[] {
  return kind === "chunked" ? [["transfer-encoding", "chunked"]] : [];
}

/**
 * Waits for the client's next bytes, which are put back. A client that has ended its side may still read; but mostly it has
 * gone, and who answers it is not waited for much longer.
 */
async function watchClient(reader: ByteReader, upstream: NetworkConnection): Promise<void> {
  if (await reader.watch()) return;
  const timer = setTimeout(() => upstream.destroy(), NETWORK_PROXY_GONE_MS);
  timer.unref();
}
