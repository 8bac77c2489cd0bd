import { CONNECT_MS } from "../limits.ts";
import { ConnectionError, type Connector, type Transport, type TransportHandlers } from "./transport.ts";

/** How to reach a server with the platform's own WebSocket. */
export interface StandardWebSocketOptions {
  /** Milliseconds to wait for the server to accept; {@linkcode CONNECT_MS} by default. */
  readonly connectMs?: number;
}

/**
 * A server at `ws://` or `wss://`, by the WebSocket that browsers have and others too. It can show no token, and it
 * cannot be told to stop reading, so that what a slow reader has not taken yet stands in its memory.
 */
export function standardWebSocketConnector(url: string, options: StandardWebSocketOptions = {}): Connector {
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
    ws.onclose = ({ code }) => settle(refused(`closed with code ${code}`));
  });
}

class StandardWebSocketTransport implements Transport {
  handlers: TransportHandlers | undefined;
  readonly #ws: WebSocket;

  constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.onmessage = ({ data }) => {
      this.handlers?.onMessage(typeof data === "string" ? data : new TextDecoder().decode(data));
    };
    ws.onclose = ({ code, reason }) => this.handlers?.onClose(reason || `closed with code ${code}`);
  }

  send(text: string): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(text);
  }

  setReading(): void {
    // There is no way to.
  }

  close(): void {
    this.#ws.close();
  }
}
