import { Buffer } from "node:buffer";
import { answerBody } from "./answer_body.ts";
import { readAnswerHead } from "./answer_head.ts";
import { ByteSource } from "./byte_source.ts";
import { openConnection } from "./connect.ts";
import { acceptedEncodings, decodeContent } from "./content_encoding.ts";
import type { Variables } from "./environment_header.ts";
import { type HeaderLine, toByteString } from "./headers.ts";
import { hasHeader, type OutgoingRequest } from "./outgoing_request.ts";
import { proxyFor } from "./proxy.ts";
import { proxyAuthorization } from "./tunnel.ts";

/** What came back for one request: the head, and the body as it arrives. */
export interface IncomingAnswer {
  readonly status: number;
  /** Lower-case names, in the order of arrival, repeats included. */
  readonly headers: readonly HeaderLine[];
  /** Throws where the body breaks off. A reader that waits holds the peer up. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Gives up on the body and the connection. */
  discard(): void;
}

/**
 * Sends one request over a connection of its own and waits for the answer's head.
 *
 * Neither `fetch` nor `node:http` can do this. The one merges repeated headers, orders them and refuses some; the other
 * refuses answers that the reference server, curl and browsers understand. A connection is not used again, because a peer
 * that closes an idle one at the wrong moment makes it impossible to tell whether a request was acted upon.
 *
 * @throws when the peer cannot be reached or answers something that is not HTTP, or with the signal's reason
 */
export async function exchange(
  request: OutgoingRequest,
  environment: Variables,
  signal: AbortSignal,
): Promise<IncomingAnswer> {
  signal.throwIfAborted();
  const proxy = proxyFor(request.url, environment);
  const connection = await openConnection(request.url, proxy, environment, signal);
  const discard = () => void connection.destroy();
  try {
    connection.write(requestHead(request, proxy));
    if (request.body.length > 0) connection.write(request.body);
    const source = new ByteSource(untilAborted(connection, signal));
    const head = await readAnswerHead(source);
    const { headers, body } = decodeContent(head.headers, answerBody(request.method, head, source));
    return { status: head.status, headers, body, discard };
  } catch (error) {
    discard();
    throw error;
  }
}

/** A body without a length ends with its connection: that its time was over must not look like that. */
async function* untilAborted(
  connection: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of connection) yield piece;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
  signal.throwIfAborted();
}

function requestHead(request: OutgoingRequest, proxy: URL | undefined): Buffer {
  const { method, url } = request;
  // A proxy of plain requests is told the whole address.
  const asksProxy = proxy !== undefined && url.protocol === "http:";
  const target = asksProxy
    ? url.href.replace(/#.*$/s, "")
    : method === "CONNECT"
    ? url.host
    : url.pathname + url.search;
  const lines = [...wireHeaders(request), ...asksProxy ? proxyAuthorization(proxy) : []];
  const text = lines.map(({ name, value }) => `${name}: ${toByteString(value)}\r\n`).join("");
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${text}\r\n`, "latin1");
}

/** The client's lines, then those it left to this program, in the reference server's order. */
function wireHeaders({ method, url, headers, body }: OutgoingRequest): HeaderLine[] {
  const lines = [...headers];
  const usual = (name: string, value: string) => {
    if (!hasHeader(lines, name)) lines.push({ name, value });
  };
  usual("accept", "*/*");
  usual("accept-encoding", acceptedEncodings);
  usual("host", url.host);
  // Without a length, methods that usually have a body are sent with an empty chunked one.
  if (body.length > 0 || !/^(GET|HEAD|DELETE|OPTIONS|TRACE|CONNECT)$/i.test(method)) {
    lines.push({ name: "content-length", value: String(body.length) });
  }
  return lines;
}
