import type { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
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
      ...(mayGoUnmasked(url) ? { generateMask: (mask: Buffer) => void mask.fill(0) } : {}),
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
    let socket: Socket | undefined;
    ws.once("upgrade", (response) => socket = response.socket);
    ws.once("open", () => {
      clearTimeout(timer);
      resolve(new WebSocketTransport(ws, { messageBytes, socket: mayGoUnmasked(url) ? socket : undefined }));
    });
  });
}

/**
 * Whether a mask of zeros will do, which costs nothing: masks keep what clients send from being taken for HTTP by who
 * stands in between and reads it. Nobody does on this machine, or with TLS.
 */
function mayGoUnmasked(url: string): boolean {
  if (socketPath(url) !== undefined) return true;
  const { protocol, hostname } = new URL(url);
  return protocol === "wss:" || /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
}

/** What a transport writes to. */
interface WrittenTo {
  readonly messageBytes: number;
  /** What `ws` itself writes to, where whole frames without a mask can be written between its own. */
  readonly socket: Socket | undefined;
}

class WebSocketTransport implements Transport {
  handlers: TransportHandlers | undefined;
  readonly #ws: WebSocket;
  readonly #socket: Socket | undefined;
  #confirming = true;
  /** The last ping with a mark, while its answer is held back; a pong answers every ping before it too. */
  #unanswered: Buffer | undefined;

  constructor(ws: WebSocket, { messageBytes, socket }: WrittenTo) {
    this.#ws = ws;
    this.#socket = socket;
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
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    if (!this.#socket) return this.#ws.send(concat([head, bytes]));
    this.#socket.cork();
    this.#socket.write(concat([maskedHeader(head.length + bytes.length), head]));
    this.#socket.write(bytes);
    this.#socket.uncork();
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

/** The header of a whole binary frame of so many bytes whose mask is zero (RFC 6455, section 5.2). */
function maskedHeader(length: number): Uint8Array {
  const [short, more] = length < 126 ? [length, 0] : length < 65_536 ? [126, 2] : [127, 8];
  const header = new Uint8Array(2 + more + 4);
  const view = new DataView(header.buffer);
  header[0] = 0x82;
  header[1] = 0x80 | short;
  if (more === 2) view.setUint16(2, length);
  if (more === 8) view.setBigUint64(2, BigInt(length));
  return header;
}
