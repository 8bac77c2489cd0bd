/**
 * The part of Bun's API that this folder calls. The code base is checked by Deno, which does not know Bun's types.
 */

/** The server's end of a WebSocket. */
export interface BunServerSocket {
  readonly data: unknown;
  readonly remoteAddress: string;
  /** The bytes sent, 0 where the message was dropped, -1 where it was queued. */
  send(data: string | Uint8Array): number;
  ping(data?: string): number;
  /** Stops reading. */
  pause(): void;
  resume(): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
  getBufferedAmount(): number;
}

/** What happens on sockets. */
export interface BunWebSocketHandler {
  open(socket: BunServerSocket): void;
  message(socket: BunServerSocket, message: string | Uint8Array): void;
  close(socket: BunServerSocket, code: number, reason: string): void;
  drain?(socket: BunServerSocket): void;
  pong?(socket: BunServerSocket, data: Uint8Array): void;
  maxPayloadLength?: number;
  backpressureLimit?: number;
  closeOnBackpressureLimit?: boolean;
  idleTimeout?: number;
  sendPings?: boolean;
  perMessageDeflate?: boolean;
}

/** What a server shows by TLS, in PEM, and whom it takes. */
export interface BunTls {
  cert: string;
  key: string;
  ca?: string;
  requestCert?: boolean;
  rejectUnauthorized?: boolean;
}

/** A listening server. */
export interface BunServer {
  /** Undefined on a Unix socket. */
  readonly hostname: string | undefined;
  readonly port: number | undefined;
  readonly pendingWebSockets: number;
  stop(closeActiveConnections?: boolean): Promise<void>;
  requestIP(request: Request): { address: string; port: number } | null;
}

/** What a server is made of. */
export interface BunServeOptions {
  hostname?: string;
  port?: number;
  /** The path of a Unix socket instead. */
  unix?: string;
  /** Lets another server of the same user listen at the same port. */
  reusePort?: boolean;
  tls?: BunTls;
  fetch: (request: Request, server: BunServer) => Response | Promise<Response>;
  websocket: BunWebSocketHandler;
  idleTimeout?: number;
  maxRequestBodySize?: number;
}

/** The global object. */
export interface Bun {
  readonly version: string;
  gc(force: boolean): void;
  serve(options: BunServeOptions): BunServer;
}

/** The runtime's global object. */
export function bun(): Bun {
  return (globalThis as unknown as { Bun: Bun }).Bun;
}
