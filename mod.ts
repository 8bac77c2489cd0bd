/**
 * The library, for Deno, Bun and Node: processes of this machine and of others, behind one contract.
 *
 * @module
 */
import { LocalBackend as BackendOnSpawner } from "./src/machine/local/local_backend.ts";
import {
  type StdioServerCommand,
  stdioServerConnector as connectorOnSpawner,
} from "./src/machine/stdio_server.ts";
import { setMachineRuntime } from "./src/machine/machine_runtime.ts";
import type { Connector } from "./src/transport/transport.ts";
import { thisRuntime } from "./src/runtime/this_runtime.ts";

export * from "./client.ts";
// In place of the one of the same name for browsers: it can show a token, reach a Unix socket and stop reading.
export { webSocketConnector, type WebSocketOptions } from "./src/transport/websocket_transport.ts";
export type { StdioServerCommand };
export { Environment, type EnvironmentOptions } from "./src/machine/environment.ts";
export { EnvironmentsFileError } from "./src/codex/named_environments.ts";
export { type ConnectorOptions, connectorTo, type ServerAddress } from "./src/machine/connector.ts";
export type { MachineRuntime } from "./src/machine/machine_runtime.ts";

setMachineRuntime(thisRuntime);

/**
 * Processes of this machine, with nothing in between. `await using` kills them all at the end of the block.
 *
 * On Node a process cannot have a terminal: {@linkcode start} refuses `tty`.
 */
export class LocalBackend extends BackendOnSpawner {
  constructor() {
    super(thisRuntime.spawner);
  }
}

/** Starts a server command, such as `ssh HOST exec-server serve --listen stdio`, for every connection that is made. */
export function stdioServerConnector(command: StdioServerCommand): Connector {
  return connectorOnSpawner(command, thisRuntime.spawner);
}
