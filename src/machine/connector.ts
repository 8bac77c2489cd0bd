import type { Host } from "../host/host.ts";
import type { Connector } from "../transport/transport.ts";
import { webSocketConnector, type WebSocketOptions } from "../transport/websocket_transport.ts";
import { type StdioServerCommand, stdioServerConnector } from "./stdio_server.ts";

/** A server: its URL (`ws:`, `wss:` or `unix:`), or the command that is one on its standard streams. */
export type ServerAddress = string | StdioServerCommand;

/**
 * The way to a server.
 *
 * @param host starts a server command
 * @throws {TypeError} for a URL of another kind
 */
export function connectorTo(server: ServerAddress, options: WebSocketOptions, host: Host): Connector {
  return typeof server === "string"
    ? webSocketConnector(server, options)
    : stdioServerConnector(server, host);
}
