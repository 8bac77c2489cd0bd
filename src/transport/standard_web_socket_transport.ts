import { concat } from "../std/bytes/concat.ts";
import { CONNECT_MS } from "../limits.ts";
import { explainClose } from "./connect_failure.ts";
import { isServerUrl, notServerUrl, socketPath } from "./server_url.ts";
import { ConnectionError, type Connector, type Transport, type TransportHandlers } from "./transport.ts";

/** How to reach a server with the platform's own WebSocket. */
export interface StandardWebSocketOptions {
  /** Milliseconds to wait for the server to accept; {@linkcode CONNECT_MS} by default. */
  readonly connectMs?: number;
}

/**
 * A server at `ws://` or `wss://`, by the WebSocket that browsers have and others too. It can show no token, and it
 * cannot be told to stop reading, so that what a slow reader has not taken yet stands in its memory.
 *
 * @throws {TypeError} for a URL of another kind
 */
export function standardWebSocketConnector(url: string, options: StandardWebSocketOptions = {}): Connector {
  if (!isServerUrl(url)) throw new TypeError(`A server's URL ${notServerUrl(url)}`);
  if (socketPath(url) !== undefined) {
    throw new TypeError(`This WebSocket reaches no Unix socket such as "${url}"`);
  }
  return {
    resumable: true,
    connect: ({ timeoutMs }) => connect(url, Math.min(timeoutMs, options.connectMs ?? CONNECT_MS)),
  };
}

function connect(url: string, timeoutMs: number): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(url);
    ws.binaryType = "arraybuffer";
    const settle = (end: () => void) => {
      clearTimeout(timer);
      ws.onopen = ws.onclose = null;
      end();
    };
    const refused = (reason: string) => () =>
      reject(new ConnectionError(`Cannot connect to ${url}: ${reason}`));
    const timer = setTimeout(() => {
      settle(refused(`the server did not answer within ${timeoutMs} ms`));
      ws.close();
    }, timeoutMs);
    ws.onopen = () => settle(() => resolve(new StandardWebSocketTransport(ws)));
    // Why it failed is kept from a program that may be a stranger's page.
    ws.onclose = ({ code, reason }) =>
      settle(refused(code === 1006 && reason === "" ? unreachable : explainClose(code, reason)));
  });
}

/** What a close code of 1006 means where there was no connection yet. */
const unreachable =
  "closed with code 1006, as for everything that fails here: nothing listens there, the server " +
  "refuses this page's origin (its --allow-origin allows it) or asks for a token, or its certificate is not trusted; " +
  "the browser's console and the server's log tell which";

class StandardWebSocketTransport implements Transport {
  handlers: TransportHandlers | undefined;
  readonly #ws: WebSocket;

  constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.onmessage = ({ data }) => {
      if (typeof data === "string") this.handlers?.onMessage(data);
      else this.handlers?.onBinary?.(new Uint8Array(data));
    };
    ws.onclose = ({ code, reason }) => this.handlers?.onClose(explainClose(code, reason));
  }

  send(text: string): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(text);
  }

  sendBinary(head: Uint8Array, bytes: Uint8Array): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(concat([head, bytes]));
  }

  setReading(): void {
    // There is no way to.
  }

  close(): void {
    this.#ws.close();
  }
}
