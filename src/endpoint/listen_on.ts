import type { Hono } from "hono";
import type { Logger } from "../observe/logger.ts";
import type { HttpRuntime, Listener, ListenOptions } from "../transport/listener.ts";
import { listenOnSocket } from "../transport/unix_socket.ts";

/** A listener, and where clients reach it. */
export interface ListeningAt {
  /** With the real port. */
  readonly url: string;
  readonly listener: Listener;
}

/** Listens for an app's requests. @throws {Error} when the address or the socket cannot be had */
export async function listenOn(
  runtime: HttpRuntime,
  app: Hono,
  where: ListenOptions,
  logger: Logger,
): Promise<ListeningAt> {
  if ("path" in where) {
    const listener = await listenOnSocket(where.path, () => runtime.listen(app, where, logger));
    return { url: `unix://${where.path}`, listener };
  }
  const listener = await runtime.listen(app, where, logger);
  const host = where.address.includes(":") ? `[${where.address}]` : where.address;
  return { url: `${where.tls ? "wss" : "ws"}://${host}:${listener.port}`, listener };
}
