import type { Buffer } from "node:buffer";
import { connect } from "node:net";
import { type RawData, WebSocket } from "ws";
import { concat } from "../std/bytes/concat.ts";
import { CONNECT_MS, INCOMING_MESSAGE_BYTES } from "../limits.ts";
import { checkClientTls, type ClientTls, tlsOptionsTo } from "./client_tls.ts";
import { explainClose, explainFailedAttempt } from "./connect_failure.ts";
import { isServerUrl, notServerUrl, socketPath } from "./server_url.ts";
import { trustsHostAsAuthority } from "./trusted_certificates.ts";
import { ConnectionError, type Connector, type Transport, type TransportHandlers } from "./transport.ts";

/** How to reach a server by WebSocket. */
export interface WebSocketOptions {
  /** A bearer token for the Authorization header. */
  token?: string | undefined;
  /** Milliseconds to wait for the server to accept; {@linkcode CONNECT_MS} by default. */
  connectMs?: number | undefined;
  /**
   * Bytes of one message from the server, above which the connection is given up; by default what an answer that holds
   * the largest file needs.
   */
  messageBytes?: number | undefined;
  /** What is trusted and shown at `wss://`; by default what the platform trusts, and `SSL_CERT_FILE`. */
  tls?: ClientTls | undefined;
}

/**
 * A server at `ws://` or `wss://`, or on a Unix socket at `unix:`.
 *
 * @throws {TypeError} for a URL of another kind, and for certificates and keys that cannot be used
 */
export function webSocketConnector(url: string, options: WebSocketOptions = {}): Connector {
  if (!isServerUrl(url)) throw new TypeError(`A server's URL ${notServerUrl(url)}`);
  if (options.tls) checkClientTls(url, options.tls);
  return {
    resumable: true,
    connect: ({ timeoutMs }) => {
      const connectMs = Math.min(timeoutMs, options.connectMs ?? CONNECT_MS);
      return connectWebSocket(url, { ...options, connectMs });
    },
  };
}

/**
 * Connects once.
 *
 * @throws {ConnectionError} when it is refused or takes too long
 */
export function connectWebSocket(url: string, options: WebSocketOptions = {}): Promise<Transport> {
  const { token, tls = {}, connectMs = CONNECT_MS, messageBytes = INCOMING_MESSAGE_BYTES } = options;
  const path = socketPath(url);
  return new Promise((resolve, reject) => {
    // The library's own form of such a URL has no way to name a path with a colon.
    const ws = new WebSocket(path === undefined ? url : "ws://localhost/", {
      ...(path === undefined ? {} : { createConnection: () => connect(path) }),
      ...tlsOptionsTo(url, tls),
      perMessageDeflate: false,
      autoPong: false,
      maxPayload: messageBytes,
      ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
    });
    // The library's own limit begins anew with every step of the handshake.
    const timer = setTimeout(() => {
      refused(`the server did not answer within ${connectMs} ms`);
      ws.on("error", () => {});
      ws.terminate();
    }, connectMs);
    const refused = (reason: string, status?: number) => {
      clearTimeout(timer);
      const why = explainFailedAttempt({
        url,
        reason,
        status,
        hasToken: token !== undefined,
        hasAuthorities: tls.ca !== undefined,
        hasCertificate: tls.cert !== undefined,
        trustsHostAsAuthority: (hostname) => trustsHostAsAuthority(hostname, tls.ca),
      });
      reject(new ConnectionError(`Cannot connect to ${url}: ${why}`, { status }));
    };
    ws.once("error", (error) => refused(error.message || String((error as { code?: string }).code)));
    ws.once("unexpected-response", (_request, { statusCode }) => {
      refused(`the server answered HTTP ${statusCode}`, statusCode);
      ws.on("error", () => {}); // Ending it early is an error of its own.
      ws.terminate();
    });
    ws.once("open", () => {
      clearTimeout(timer);
      resolve(new WebSocketTransport(ws, messageBytes));
    });
  });
}

class WebSocketTransport implements Transport {
  handlers: TransportHandlers | undefined;
  readonly #ws: WebSocket;
  #confirming = true;
  /** The last ping with a mark, while its answer is held back; a pong answers every ping before it too. */
  #unanswered: Buffer | undefined;

  constructor(ws: WebSocket, messageBytes: number) {
    this.#ws = ws;
    ws.on("message", (data: RawData, isBinary: boolean) => {
      // Not every implementation of this library's interface heeds its own limit.
      if ((data as Buffer).length > messageBytes) return ws.terminate();
      if (isBinary) this.handlers?.onBinary?.(data as Buffer);
      else this.handlers?.onMessage((data as Buffer).toString());
    });
    ws.on("ping", (payload) => this.#pong(payload));
    ws.on("pong", (payload) => this.handlers?.onPong?.(payload.toString()));
    ws.on("close", (code, reason) => this.handlers?.onClose(explainClose(code, reason.toString())));
    ws.on("error", () => {}); // "close" follows.
  }

  send(text: string): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.send(text);
  }

  sendBinary(head: Uint8Array, bytes: Uint8Array): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.send(concat([head, bytes]));
  }

  setConfirming(confirming: boolean): void {
    this.#confirming = confirming;
    if (confirming && this.#unanswered) this.#pong(this.#unanswered);
  }

  setReading(reading: boolean): void {
    if (reading) this.#ws.resume();
    else this.#ws.pause();
  }

  ping(): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.ping();
  }

  close(): void {
    this.#ws.terminate();
  }

  #pong(payload: Buffer): void {
    // A ping without one asks for a sign of life, and answers nothing that was asked before it.
    if (this.#confirming) this.#unanswered = undefined;
    else if (payload.length > 0) this.#unanswered = payload;
    // A pong that nobody asked for is a sign of life and nothing more.
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.pong(this.#confirming ? payload : "");
  }
}
