import {
  type ClientRequest,
  type IncomingMessage,
  request as requestPlain,
  type RequestOptions,
} from "node:http";
import { request as requestSecure } from "node:https";
import { isIP } from "node:net";
import { connect as connectSecure, type ConnectionOptions } from "node:tls";
import { HTTP_HEADER_BYTES } from "../limits.ts";
import type { Environment } from "./environment_header.ts";
import { fromRawHeaders, type HeaderLine, toRawHeaders } from "./headers.ts";
import { hasHeader, type OutgoingRequest } from "./outgoing_request.ts";
import { bareHost, proxyFor } from "./proxy.ts";
import { authoritiesFor } from "./trust.ts";
import { openTunnel, proxyAuthorization } from "./tunnel.ts";

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
 * `fetch` cannot do this: it merges repeated headers, orders them, refuses some, and unpacks bodies. A connection
 * is not used again, because a peer that closes an idle one at the wrong moment makes it impossible to tell whether
 * a request was acted upon.
 *
 * @throws when the peer cannot be reached or answers something that is not HTTP, or with the signal's reason
 */
export async function exchange(
  request: OutgoingRequest,
  environment: Environment,
  signal: AbortSignal,
): Promise<IncomingAnswer> {
  signal.throwIfAborted();
  const proxy = proxyFor(request.url, environment);
  if (request.url.protocol === "https:") {
    const ca = await authoritiesFor(environment);
    signal.throwIfAborted();
    const secure = { servername: servername(request.url), ...(ca ? { ca } : {}) };
    if (!proxy) {
      return await send(requestSecure({ ...target(request), ...secure, agent: false }), request, signal);
    }
    const socket = await openTunnel(request.url, proxy, signal);
    if (signal.aborted) socket.destroy();
    signal.throwIfAborted();
    const throughTunnel: ConnectionOptions = { socket, host: bareHost(request.url), ...secure };
    const options = { ...target(request), createConnection: () => connectSecure(throughTunnel) };
    return await send(requestPlain(options), request, signal);
  }
  if (!proxy) return await send(requestPlain({ ...target(request), agent: false }), request, signal);
  const viaProxy: RequestOptions = {
    ...target(request, proxyAuthorization(proxy)),
    host: bareHost(proxy),
    port: proxy.port || 80,
    // A proxy is told the whole address.
    path: request.url.href.replace(/#.*$/s, ""),
    agent: false,
  };
  return await send(requestPlain(viaProxy), request, signal);
}

function target(request: OutgoingRequest, more: readonly HeaderLine[] = []): RequestOptions {
  const { method, url } = request;
  return {
    host: bareHost(url),
    port: url.port || (url.protocol === "https:" ? 443 : 80),
    path: method === "CONNECT" ? url.host : url.pathname + url.search,
    method,
    headers: toRawHeaders([...wireHeaders(request), ...more]),
    maxHeaderSize: HTTP_HEADER_BYTES,
  };
}

/** The client's lines, then those it left to this program, in the reference server's order. */
function wireHeaders({ method, url, headers, body }: OutgoingRequest): HeaderLine[] {
  const lines = [...headers];
  if (!hasHeader(lines, "accept")) lines.push({ name: "accept", value: "*/*" });
  if (!hasHeader(lines, "host")) lines.push({ name: "host", value: url.host });
  // Without a length, methods that usually have a body are sent with an empty chunked one.
  if (body.length > 0 || !/^(GET|HEAD|DELETE|OPTIONS|TRACE|CONNECT)$/i.test(method)) {
    lines.push({ name: "content-length", value: String(body.length) });
  }
  return lines;
}

/** The name a certificate must be for; an address is not told to the server, but checked all the same. */
function servername(url: URL): string {
  const host = bareHost(url);
  return isIP(host) === 0 ? host : "";
}

function send(
  outgoing: ClientRequest,
  request: OutgoingRequest,
  signal: AbortSignal,
): Promise<IncomingAnswer> {
  return new Promise((resolve, reject) => {
    const settle = (message: IncomingMessage, body: AsyncIterable<Uint8Array>) => {
      // A body that is given up before somebody reads it fails with nobody there to hear it.
      message.on("error", () => {});
      resolve({
        status: message.statusCode!,
        headers: fromRawHeaders(message.rawHeaders),
        body,
        discard: () => void outgoing.destroy(),
      });
    };
    signal.addEventListener("abort", () => outgoing.destroy(signal.reason), { once: true });
    outgoing.on("error", (error) => reject(signal.aborted ? signal.reason : error));
    outgoing.on("response", (message) => settle(message, readBody(message, signal)));
    // An answer that turns the connection into something else has no body of ours to read.
    for (const event of ["upgrade", "connect"] as const) {
      outgoing.on(event, (message, socket) => {
        socket.destroy();
        settle(message, emptyBody());
      });
    }
    outgoing.end(request.body.length > 0 ? request.body : undefined);
  });
}

async function* readBody(message: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of message) yield chunk as Uint8Array;
    if (!message.complete) throw new Error("the connection was closed before the body was complete");
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}
