import type { Connector } from "../transport/transport.ts";
import { webSocketConnector, type WebSocketOptions } from "../transport/websocket_transport.ts";
import { type MachineRuntime, machineRuntime } from "./machine_runtime.ts";
import { type StdioServerCommand, stdioServerConnector } from "./stdio_server.ts";

/** A server: its URL (`ws:`, `wss:` or `unix:`), or the command that is one on its standard streams. */
export type ServerAddress = string | StdioServerCommand;

/** How a server is reached. */
export interface ConnectorOptions extends WebSocketOptions {
  /** What starts a server command; the program's own by default. */
  readonly runtime?: MachineRuntime | undefined;
}

/**
 * The way to a server.
 *
 * @throws {TypeError} for a URL of another kind
 */
export function connectorTo(server: ServerAddress, options: ConnectorOptions = {}): Connector {
  if (typeof server !== "string") {
    return stdioServerConnector(server, (options.runtime ?? machineRuntime()).spawner);
  }
  return webSocketConnector(server, options);
}
