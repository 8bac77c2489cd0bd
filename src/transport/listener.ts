import type { Context, Handler, Hono } from "hono";
import type { Logger } from "../observe/logger.ts";
import type { TlsSource } from "../tls/credentials.ts";
import type { MessageSocket } from "./message_socket.ts";

/** Makes a Hono handler that upgrades a request to a WebSocket and hands it over once it is open. */
export type Upgrade = (accept: (socket: MessageSocket, context: Context) => void) => Handler;

/** Where to listen: on an address of the network, or on a Unix socket. */
export type ListenOptions = ListenAddress | { readonly path: string };

/** An address of the network. */
export interface ListenAddress {
  /** An IP literal. */
  readonly address: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** What is shown by TLS; absent where the connection is not encrypted. */
  readonly tls?: TlsSource | undefined;
}

/** A server that accepts connections. */
export interface Listener {
  /** The port it has; 0 on a Unix socket. */
  readonly port: number;
  /** Accepts nothing more. Resolves when everything is closed; open sockets are ended. */
  close(): Promise<void>;
}

/** What this room asks of a runtime: an HTTP server for a Hono app, with WebSocket upgrades. */
export interface HttpRuntime {
  readonly upgrade: Upgrade;
  /** The names in the certificate that the client of a request has shown; absent where the runtime tells nobody. */
  readonly clientNames?: ((context: Context) => readonly string[]) | undefined;
  /** @throws {Error} when the address cannot be had */
  listen(app: Hono, options: ListenOptions, logger: Logger): Promise<Listener>;
}
