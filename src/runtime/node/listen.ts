import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server as HttpServer, STATUS_CODES } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { createAdaptorServer, type HttpBindings, upgradeWebSocket } from "@hono/node-server";
import type { Context, Hono } from "hono";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { CLOSE_MS, MESSAGE_BYTES, OUTGOING_FRAME_BYTES } from "../../limits.ts";
import { encodeBase64 } from "../../protocol/base64.ts";
import type { HttpRuntime, Listener, ListenOptions, Upgrade } from "../../transport/listener.ts";
import type { Logger } from "../../observe/logger.ts";
import type { MessageSocket, SocketHandlers } from "../../transport/message_socket.ts";
import type { TlsSource } from "../../tls/credentials.ts";
import { base64Frame, binaryFrameHead, shortFrame } from "../node/text_frames.ts";
import { clientNames, createServer as createTlsServer, followCredentials, tlsOptions } from "./tls.ts";

/** Sees to it that a listener goes on accepting connections, until it is closed. */
export type KeepAccepting = (server: HttpServer, where: ListenOptions, logger: Logger) => { close(): void };

/**
 * HTTP through `node:http` and sockets through `ws`.
 *
 * @param keepAccepting for a runtime whose listener may stop without saying so
 */
export function nodeHttp(keepAccepting?: KeepAccepting): HttpRuntime {
  return {
    upgrade,
    clientNames,
    listen: (app, options, logger) => listen(app, options, logger, keepAccepting),
  };
}

function upgrade(accept: Parameters<Upgrade>[0]): ReturnType<Upgrade> {
  return upgradeWebSocket((c: Context) => ({
    onOpen(_event, ws) {
      const { incoming } = c.env as HttpBindings;
      accept(new WsSocket(ws.raw as WebSocket, incoming.socket), c);
    },
  }));
}

async function listen(
  app: Hono,
  options: ListenOptions,
  logger: Logger,
  keepAccepting: KeepAccepting | undefined,
): Promise<Listener> {
  const socketOptions = {
    noServer: true,
    maxPayload: MESSAGE_BYTES,
    perMessageDeflate: false,
    closeTimeout: CLOSE_MS, // Not in the types yet.
    WebSocket: ClosingSocket,
    handleProtocols: () => false as const, // An offer of subprotocols is ignored, as the reference server does.
  };
  const sockets = new WebSocketServer(socketOptions);
  const tls = "tls" in options ? options.tls : undefined;
  const server = createAdaptorServer({
    fetch: async (request: Request, env: unknown) => {
      const { incoming, outgoing } = env as { incoming: IncomingMessage; outgoing?: unknown };
      if (outgoing === undefined) restoreEmptyHeaders(request, incoming);
      const response = await app.fetch(request, env as HttpBindings);
      // An upgraded socket has answer 200 here; the adapter leaves the body out of any other.
      if (outgoing === undefined && response.status !== 200) await refuseUpgrade(incoming.socket, response);
      return response;
    },
    ...serverMaker(tls),
    websocket: { server: sockets },
  });
  const unfollow = tls && followCredentials(server as unknown as HttpsServer, tls, logger);
  const connections = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  if ("path" in options) server.listen(options.path);
  else server.listen(options.port, options.address);
  await once(server, "listening");
  const port = "path" in options ? 0 : (server.address() as AddressInfo).port;
  const http = server as HttpServer;
  const watch = keepAccepting?.(http, "path" in options ? options : { ...options, port }, logger);
  return {
    port,
    async close() {
      watch?.close();
      unfollow?.();
      const closed = once(server, "close");
      server.close();
      // All of them: a peer that has sent no whole request yet would be waited for.
      for (const connection of connections) connection.destroy();
      await closed;
    },
  };
}

/** The server of `node:http` or of `node:https`: both take the same way for upgrades. */
function serverMaker(
  tls: TlsSource | undefined,
): { createServer: typeof createServer; serverOptions: object } {
  const serverOptions = { shouldUpgradeCallback: isUpgrade };
  if (tls === undefined) return { createServer, serverOptions };
  return {
    // The adapter's types part the two, and it does not.
    createServer: createTlsServer as unknown as typeof createServer,
    serverOptions: { ...serverOptions, ...tlsOptions(tls.current) },
  };
}

/**
 * Whether a request goes the adapter's way for upgrades. What asks for another protocol, such as h2c, is answered as if it
 * did not, where the adapter would leave it waiting; and so is one whose host is no part of a URL, or not the only one, and one for a
 * whole URL, as of a proxy.
 */
function isUpgrade({ url, headers, headersDistinct }: IncomingMessage): boolean {
  const hosts = headersDistinct.host ?? [];
  return headers.upgrade?.toLowerCase() === "websocket" && url?.startsWith("/") === true &&
    hosts.length < 2 &&
    URL.canParse(`http://${hosts[0]}`);
}

/** The adapter leaves empty headers out of an upgrade, but an empty Origin is an Origin. */
function restoreEmptyHeaders(request: Request, { headers }: IncomingMessage): void {
  for (const [name, value] of Object.entries(headers)) if (value === "") request.headers.set(name, "");
}

/** Answers a refused upgrade in full and closes. */
async function refuseUpgrade(socket: Socket, response: Response): Promise<void> {
  const body = Buffer.from(await response.clone().arrayBuffer());
  const head = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ""}`];
  for (const [name, value] of response.headers) head.push(`${name}: ${value}`);
  head.push(`content-length: ${body.length}`, "connection: close", "", "");
  await new Promise<void>((resolve) =>
    socket.end(Buffer.concat([Buffer.from(head.join("\r\n")), body]), resolve)
  );
  socket.destroy();
}

/**
 * Tells when a connection begins to close, by either side. `ws` itself tells only when the peer has ended it, or
 * {@linkcode CLOSE_MS} have passed.
 */
class ClosingSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    super.close(code, reason);
    this.emit("closing");
  }
}

class WsSocket implements MessageSocket {
  readonly peer: string;
  readonly largestMessageBytes = Infinity;
  handlers: SocketHandlers | undefined;

  readonly #ws: WebSocket;
  /** What `ws` writes to; whole frames can be written between its own. */
  readonly #socket: Socket;

  constructor(ws: WebSocket, socket: Socket) {
    this.#ws = ws;
    this.#socket = socket;
    const isLocal = socket.remoteAddress === undefined;
    this.peer = isLocal ? "unix socket" : `${socket.remoteAddress}:${socket.remotePort}`;
    if (!isLocal) socket.setNoDelay(true);
    ws.on("message", (data, isBinary) => this.#receive(data, isBinary));
    ws.on("pong", (payload) => this.handlers?.onPong(payload.toString()));
    ws.on("closing", () => this.#close()).on("close", () => this.#close());
    ws.on("error", () => {}); // A protocol fault; "close" follows.
    socket.on("drain", () => this.handlers?.onDrain());
  }

  get bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }

  send(text: string): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    const frame = shortFrame(text);
    if (frame) return void this.#socket.write(frame);
    if (text.length <= OUTGOING_FRAME_BYTES / 4) return this.#ws.send(text);
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += OUTGOING_FRAME_BYTES) {
      const end = at + OUTGOING_FRAME_BYTES;
      this.#ws.send(bytes.subarray(at, end), { binary: false, fin: end >= bytes.length });
    }
  }

  sendBase64(before: string, bytes: Uint8Array, after: string): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    const buffered = base64Frame(before, bytes, after);
    if (buffered) this.#socket.write(buffered.frame, buffered.release);
    else this.send(before + encodeBase64(bytes) + after);
  }

  sendBinary(head: Uint8Array, bytes: Uint8Array): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#socket.cork();
    this.#socket.write(binaryFrameHead(head, bytes.length));
    this.#socket.write(bytes);
    this.#socket.uncork();
  }

  ping(payload: string): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.ping(payload);
  }

  setReading(reading: boolean): void {
    if (reading) this.#ws.resume();
    else this.#ws.pause();
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason);
  }

  terminate(): void {
    this.#ws.terminate();
  }

  /** Whoever comes for its session need not wait until the peer has ended the connection, too. */
  #close(): void {
    const { handlers } = this;
    this.handlers = undefined;
    handlers?.onClose("the connection closes");
  }

  #receive(data: RawData, isBinary: boolean): void {
    const bytes = data as Buffer;
    if (isBinary) this.handlers?.onBinary(bytes);
    else this.handlers?.onMessage(bytes.toString());
  }
}
