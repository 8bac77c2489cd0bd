import { Buffer } from "node:buffer";
import type { Context, Hono } from "hono";
import { getConnInfo, upgradeWebSocket, websocket } from "hono/bun";
import type { WSContext } from "hono/ws";
import { MESSAGE_BYTES, OUTGOING_FRAME_BYTES } from "../../limits.ts";
import { concat } from "../../std/bytes/concat.ts";
import { encodeBase64 } from "../../protocol/base64.ts";
import type { HttpRuntime, Listener, ListenOptions, Upgrade } from "../../transport/listener.ts";
import type { Logger } from "../../observe/logger.ts";
import type { MessageSocket, SocketHandlers } from "../../transport/message_socket.ts";
import { explainClose } from "../../transport/connect_failure.ts";
import { ListenerWatch } from "../posix/listener_watch.ts";
import { bun, type BunServeOptions, type BunServerSocket, type BunWebSocketHandler } from "./bun.ts";
import { sharedLibc } from "./native.ts";
import { listenTls } from "./tls.ts";

/** HTTP and sockets of `Bun.serve`. */
export const httpRuntime: HttpRuntime = { upgrade, listen };

/** Open sockets by what Bun hands to every event; Hono wraps it anew each time. */
const sockets = new WeakMap<BunServerSocket, BunSocket>();

function upgrade(accept: Parameters<Upgrade>[0]): ReturnType<Upgrade> {
  return upgradeWebSocket((c: Context) => {
    const peer = peerOf(c); // Known only until the upgrade.
    return {
      onOpen(_event: Event, ws: WSContext) {
        const raw = ws.raw as BunServerSocket;
        const socket = new BunSocket(raw, peer);
        sockets.set(raw, socket);
        accept(socket, c);
      },
    };
  });
}

function peerOf(c: Context): string {
  try {
    const { address, port } = getConnInfo(c).remote;
    return address === undefined ? "unix socket" : `${address}:${port}`;
  } catch {
    return "unix socket"; // Hono finds no address of such a peer, and says so by throwing.
  }
}

/** Hono opens sockets; what happens on them afterwards needs no detour. */
const handler: BunWebSocketHandler = {
  ...websocket as unknown as BunWebSocketHandler,
  message: (raw, message) => sockets.get(raw)?.receive(message),
  close: (raw, code, reason) => sockets.get(raw)?.handlers?.onClose(explainClose(code, reason)),
  drain: (raw) => sockets.get(raw)?.handlers?.onDrain(),
  pong: (raw, payload) => sockets.get(raw)?.handlers?.onPong(Buffer.from(payload).toString()),
  maxPayloadLength: MESSAGE_BYTES,
  backpressureLimit: MESSAGE_BYTES * 2,
  idleTimeout: 0, // Silence is judged by the connection.
  sendPings: false,
  perMessageDeflate: false,
};

async function listen(app: Hono, options: ListenOptions, logger: Logger): Promise<Listener> {
  const serveOptions: BunServeOptions = {
    ...("path" in options ? { unix: options.path } : { hostname: options.address, port: options.port }),
    fetch: (request, server) => {
      // A host with a port that is none, which Bun takes and nobody else can read.
      if (!URL.canParse(request.url)) return new Response("", { status: 400 });
      // Bun would pick the first of the offered subprotocols; they are ignored, as the reference server does.
      request.headers.delete("sec-websocket-protocol");
      return app.fetch(request, server);
    },
    websocket: handler,
  };
  if ("tls" in options && options.tls) return await listenTls(serveOptions, options, options.tls, logger);
  const server = bun().serve(serveOptions);
  const port = server.port ?? 0;
  const where = "path" in options ? options : { ...options, port };
  const watch = new ListenerWatch({ libc: sharedLibc, where, logger });
  const close = () => {
    watch.close();
    return server.stop(true);
  };
  return await Promise.resolve({ port, close });
}

class BunSocket implements MessageSocket {
  readonly peer: string;
  /** Bun cannot cut a message into frames, and the Codex client takes none above 16 MiB. */
  readonly largestMessageBytes = OUTGOING_FRAME_BYTES * 2;
  handlers: SocketHandlers | undefined;

  readonly #raw: BunServerSocket;

  constructor(raw: BunServerSocket, peer: string) {
    this.#raw = raw;
    this.peer = peer;
  }

  get bufferedBytes(): number {
    return this.#raw.getBufferedAmount();
  }

  send(text: string): void {
    if (text.length * 3 > this.largestMessageBytes && Buffer.byteLength(text) > this.largestMessageBytes) {
      return this.terminate(); // The Codex client would, too. Answers are measured before, and refused.
    }
    // 0 is a message left out, which nobody would miss until it is too late: a lost connection can be resumed.
    if (this.#raw.send(text) === 0) this.#raw.terminate();
  }

  sendBase64(before: string, bytes: Uint8Array, after: string): void {
    // Joined, it is one text at once; added up, it would become one while it is sent, which takes twice as long.
    this.send([before, encodeBase64(bytes), after].join(""));
  }

  sendBinary(head: Uint8Array, bytes: Uint8Array): void {
    const message = concat([head, bytes]);
    if (message.length > this.largestMessageBytes) return this.terminate();
    if (this.#raw.send(message) === 0) this.#raw.terminate();
  }

  ping(payload: string): void {
    this.#raw.ping(payload);
  }

  setReading(reading: boolean): void {
    if (reading) this.#raw.resume();
    else this.#raw.pause();
  }

  close(code: number, reason: string): void {
    this.#raw.close(code, reason);
  }

  terminate(): void {
    this.#raw.terminate();
  }

  receive(message: string | Uint8Array): void {
    if (typeof message === "string") this.handlers?.onMessage(message);
    else this.handlers?.onBinary(message);
  }
}
