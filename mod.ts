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
import { refuseUnknownOptions } from "./src/client/known_options.ts";
import { connectionOptions } from "./src/client/client_options.ts";
import { LocalBackend as BackendOnHost } from "./src/machine/local/local_backend.ts";
import {
  type StdioServerCommand,
  stdioServerConnector as stdioConnectorOnHost,
} from "./src/machine/stdio_server.ts";
import { thisHost } from "./src/runtime/this_host.ts";
import type { Machine } from "./src/machine/machine.ts";
import type { Host } from "./src/host/host.ts";
import type { ClientTls } from "./src/transport/client_tls.ts";
import type { Connector } from "./src/transport/transport.ts";
import type { WebSocketOptions } from "./src/transport/websocket_transport.ts";

export * from "./client.ts";
// In place of the one of the same name for browsers: it can show a token, reach a Unix socket and stop reading.
export { webSocketConnector } from "./src/transport/websocket_transport.ts";
export type { ClientTls, Host, ServerAddress, StdioServerCommand, WebSocketOptions };
export { transfer, type TransferEnd } from "./src/machine/local/transfer.ts";
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

/** Which machine is meant, and how it is reached. */
export interface MachineOptions extends EnvironmentOptions {
  /** Its name in the user's `environments.toml`; `local` is this machine, and `true` the file's own choice. */
  readonly environment?: string | true | undefined;
}

/**
 * A machine to work on: this one without an argument, that of a server's URL (`ws://HOST:PORT`, `wss://HOST:PORT`,
 * `unix:/PATH`) or of a command that serves on its standard streams (`{ argv: ["ssh", "HOST", "exec-server", "serve",
 * "--listen", "stdio"] }`), or one that the user has given a name (`{ environment: "build" }`).
 *
 * @throws {ConnectionError} when the server cannot be reached
 * @throws {ServerError} when it refuses
 * @throws {EnvironmentsFileError} for a name that is not there
 * @throws {TypeError} for a URL of another kind, and for an option that means nothing
 */
export async function connect(
  target: ServerAddress | MachineOptions = {},
  options: MachineOptions = {},
): Promise<Machine> {
  const isServer = typeof target === "string" ||
    (typeof target === "object" && target !== null && "argv" in target);
  if (isServer) return await create(target as ServerAddress, options);
  refuseUnknownOptions("connect", target, { ...connectionOptions, host: true, environment: true });
  const { environment, ...connection } = { ...target as MachineOptions, ...options };
  if (environment === undefined) return await create(undefined, connection);
  if (environment === true) return await Environment.named(undefined, connection);
  if (typeof environment === "string") return await Environment.named(environment, connection);
  throw new TypeError(
    `connect takes its option environment as a string or true, not ${JSON.stringify(environment)}`,
  );
}

async function create(server: ServerAddress | undefined, options: MachineOptions): Promise<Machine> {
  if (server === undefined || !("environment" in options)) return await Environment.create(server, options);
  throw new TypeError("connect takes a server or the name of an environment, not both");
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
