import type { Context } from "hono";
import { CONNECT_MS, FLEET_OPEN_MS, INCOMING_MESSAGE_BYTES, SOCKET_HIGH_WATER_BYTES } from "../limits.ts";
import type { AccessOptions } from "../endpoint/access.ts";
import { createApp } from "../endpoint/app.ts";
import { type Logger, unexpected } from "../observe/logger.ts";
import { listenOn } from "../endpoint/listen_on.ts";
import type { HttpRuntime, Listener, ListenOptions } from "../transport/listener.ts";
import type { MessageSocket } from "../transport/message_socket.ts";
import type { Broker } from "./broker.ts";
import { type OpenCarrier, openCarrier } from "./host_connector.ts";
import { findHost } from "./hosts.ts";

/** What a gateway is made of. */
export interface GatewayOptions {
  readonly broker: Broker;
  readonly logger: Logger;
}

/** Where a gateway has the endpoint of a host: `/hosts/NAME` or `/hosts/GROUP/NAME`. */
const hostPath = "/hosts/:host{.+}";

/**
 * A WebSocket endpoint for each host of a fleet, for programs that know nothing of brokers. Each WebSocket has a carrier
 * of its own; a host's pings go through to the client, so that what it confirms has really arrived.
 */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #listeners: Listener[] = [];
  #stopping = false;
  /** Carriers that stand, and whose request is not upgraded yet. */
  readonly #opened = new WeakMap<Request, OpenCarrier>();

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  /**
   * Listens, at one place more.
   *
   * @returns the URL, with the real port
   * @throws {Error} when the address cannot be had
   */
  async listen(
    runtime: HttpRuntime,
    where: ListenOptions,
    access: Omit<AccessOptions, "address">,
  ): Promise<string> {
    const { logger } = this.#options;
    const address = "address" in where ? where.address : undefined;
    const app = createApp({
      path: hostPath,
      access: () => ({ ...access, address }),
      upgrade: runtime.upgrade,
      clientNames: runtime.clientNames,
      isStopping: () => this.#stopping,
      accept: (socket, _role, _who, context) => this.#accept(socket, context),
      refuseConnection: (context) => this.#open(context),
      onRefused: ({ status, reason }) => logger.info("connection refused", { status, reason }),
      onFailed: (error) => logger.error("request failed", unexpected(error)),
    });
    const { url, listener } = await listenOn(runtime, app, where, logger);
    this.#listeners.push(listener);
    return url;
  }

  /** Stops listening, and ends what is open. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#listeners.splice(0).map((listener) => listener.close()));
  }

  /** Opens the carrier before the client is told that it is connected. @returns why it cannot be had, if so */
  async #open(context: Context): Promise<string | undefined> {
    const { broker, logger } = this.#options;
    const text = context.req.param("host")!;
    try {
      const host = await findHost(broker, text);
      const token = /^bearer +(\S+)$/i.exec(context.req.header("authorization")?.trim() ?? "")?.[1];
      const opened = await openCarrier(broker, host, {
        token,
        timeoutMs: FLEET_OPEN_MS,
        messageBytes: INCOMING_MESSAGE_BYTES,
      });
      this.#opened.set(context.req.raw, opened);
      setTimeout(() => this.#abandon(context.req.raw), CONNECT_MS).unref?.();
      return undefined;
    } catch (error) {
      logger.info("host not reached", { host: text, reason: (error as Error).message });
      return (error as Error).message;
    }
  }

  /** Lets go of a carrier whose client has gone before it was connected. */
  #abandon(request: Request): void {
    const opened = this.#opened.get(request);
    this.#opened.delete(request);
    opened?.carrier.close("the client has gone");
    opened?.ended();
  }

  #accept(socket: MessageSocket, context: Context): void {
    const opened = this.#opened.get(context.req.raw);
    this.#opened.delete(context.req.raw);
    if (!opened) return socket.terminate();
    this.#options.logger.info("gateway opened", { host: context.req.param("host")!, peer: socket.peer });
    join(socket, opened);
  }
}

/** Passes messages, pings and pongs on between a socket and a carrier, each as fast as the other end takes them. */
function join(socket: MessageSocket, { carrier, ended }: OpenCarrier): void {
  let over = false;
  const finish = (end: () => void) => {
    if (over) return;
    over = true;
    ended();
    end();
  };
  const send = (bytes: Uint8Array, binary: boolean) => {
    carrier.send(bytes, binary);
    if (carrier.queuedBytes >= SOCKET_HIGH_WATER_BYTES) socket.setReading(false);
  };
  socket.handlers = {
    onMessage: (text) => send(new TextEncoder().encode(text), false),
    onBinary: (message) => send(message, true),
    onGarbage: () => finish(() => carrier.close("the client sent what is no text")),
    onPong: (payload) => carrier.pong(payload),
    onDrain: () => carrier.setReading(true),
    onClose: () => finish(() => carrier.close("the client has gone")),
  };
  carrier.events = {
    onMessage(bytes, binary) {
      if (binary && socket.sendBinary) socket.sendBinary(bytes, noBytes);
      else socket.send(new TextDecoder().decode(bytes));
      if (socket.bufferedBytes >= SOCKET_HIGH_WATER_BYTES) carrier.setReading(false);
    },
    onPing: (payload) => socket.ping?.(payload),
    onPong: () => {},
    onDrain() {
      if (carrier.queuedBytes < SOCKET_HIGH_WATER_BYTES) socket.setReading(true);
    },
    // 1012: the client is to come again, and finds its session.
    onClose: (reason) => finish(() => socket.close(1012, reason.slice(0, 100))),
  };
}

const noBytes = new Uint8Array();
