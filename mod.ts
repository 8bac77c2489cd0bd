/**
 * The library, for Deno, Bun and Node: processes of this machine and of others, behind one contract.
 *
 * @module
 */
import { connectorTo as connectorOnHost, type ServerAddress } from "./src/machine/connector.ts";
import {
  Environment as EnvironmentOnHost,
  type EnvironmentOptions as OptionsOnHost,
} from "./src/machine/environment.ts";
import { LocalBackend as BackendOnHost } from "./src/machine/local/local_backend.ts";
import {
  type StdioServerCommand,
  stdioServerConnector as stdioConnectorOnHost,
} from "./src/machine/stdio_server.ts";
import { thisHost } from "./src/runtime/this_host.ts";
import type { Host } from "./src/host/host.ts";
import type { Connector } from "./src/transport/transport.ts";
import type { WebSocketOptions } from "./src/transport/websocket_transport.ts";

export * from "./client.ts";
// In place of the one of the same name for browsers: it can show a token, reach a Unix socket and stop reading.
export { webSocketConnector } from "./src/transport/websocket_transport.ts";
export type { Host, ServerAddress, StdioServerCommand, WebSocketOptions };
export { EnvironmentsFileError } from "./src/codex/environments_file.ts";
export { thisHost };

/** How a server is reached. */
export interface ConnectorOptions extends WebSocketOptions {
  /** What starts a server command; {@linkcode thisHost} by default. */
  readonly host?: Host | undefined;
}

/** How a machine is reached, and how the connection to it is kept. */
export interface EnvironmentOptions extends Omit<OptionsOnHost, "host"> {
  /** This machine: what is worked on, or what starts a server command; {@linkcode thisHost} by default. */
  readonly host?: Host | undefined;
}

/**
 * Processes of this machine, with nothing in between. `await using` kills them all at the end of the block.
 *
 * On Node a process cannot have a terminal: {@linkcode start} refuses `tty`.
 */
export class LocalBackend extends BackendOnHost {
  /** @param host starts the processes, which inherit its environment; {@linkcode thisHost} by default */
  constructor(host: Pick<Host, "spawner" | "environment"> = thisHost) {
    super(host);
  }
}

/**
 * A machine to work on, this one or another: its processes, its files and what it reaches by HTTP, by the same calls and
 * with the same failures. `await using` ends it at the end of the block, and with it every process it started, every open
 * file, every watch and every request.
 */
export class Environment extends EnvironmentOnHost {
  /**
   * This machine, or that of a server: `ws://HOST:PORT`, `wss://HOST:PORT`, `unix:/PATH`, or a command that serves on its
   * standard streams, such as `{ argv: ["ssh", "HOST", "exec-server", "serve", "--listen", "stdio"] }`.
   *
   * @throws {ConnectionError} when the server cannot be reached
   * @throws {RpcError} when it refuses
   * @throws {TypeError} for a URL of another kind, and for an option that means nothing
   */
  static override create(server?: ServerAddress, options: EnvironmentOptions = {}): Promise<Environment> {
    return super.create(server, { ...options, host: options.host ?? thisHost });
  }

  /**
   * A machine by the name that it has in the user's `environments.toml`, the Codex CLI's own file in `CODEX_HOME`
   * (`~/.codex`). Without a name it is the file's default, and `local` is this machine.
   *
   * @throws {EnvironmentsFileError} for a file that cannot be followed, and for a name that is not in it
   * @throws {ConnectionError} when its server cannot be reached
   * @throws {RpcError} when it refuses
   */
  static override named(name?: string, options: EnvironmentOptions = {}): Promise<Environment> {
    return super.named(name, { ...options, host: options.host ?? thisHost });
  }
}

/** Starts a server command, such as `ssh HOST exec-server serve --listen stdio`, for every connection that is made. */
export function stdioServerConnector(
  command: StdioServerCommand,
  host: Pick<Host, "spawner" | "environment"> = thisHost,
): Connector {
  return stdioConnectorOnHost(command, host);
}

/**
 * The way to a server.
 *
 * @throws {TypeError} for a URL of another kind
 */
export function connectorTo(server: ServerAddress, options: ConnectorOptions = {}): Connector {
  const { host = thisHost, ...connection } = options;
  return connectorOnHost(server, connection, host);
}
