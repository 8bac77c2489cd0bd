import { ExecServerClient } from "../client/client.ts";
import type { ClientOptions } from "../client/client_options.ts";
import { codexHost } from "../codex/codex_host.ts";
import type { NamedEnvironments } from "../codex/environments_file.ts";
import { readNamedEnvironments } from "../codex/named_environments.ts";
import { MachineDisk } from "../file_system/disk.ts";
import type { Host } from "../host/host.ts";
import { OperationError } from "../native/operation_error.ts";
import { errorCodes, RpcError } from "../protocol/errors.ts";
import { rpcFailure } from "../protocol/rpc_failure.ts";
import type { WebSocketOptions } from "../transport/websocket_transport.ts";
import { connectorTo, type ServerAddress } from "./connector.ts";
import type { ExecBackend } from "./exec_backend.ts";
import type { FileSystem } from "./file_system.ts";
import type { HttpClient } from "./http_client.ts";
import { LocalBackend } from "./local/local_backend.ts";
import { LocalFileSystem } from "./local/local_file_system.ts";
import { hostInfo } from "./local/local_info.ts";
import { LocalHttpClient } from "./local/local_http_client.ts";
import type { MachineInfo } from "./machine_info.ts";
import { findNamed, serverOf } from "./named_server.ts";
import { RemoteBackend } from "./remote/remote_backend.ts";
import { RemoteFileSystem } from "./remote/remote_file_system.ts";
import { RemoteHttpClient } from "./remote/remote_http_client.ts";
import type { AttachOptions, ListedProcess, SharedProcess, SharedProcesses } from "./shared_process.ts";
import { machineInfo } from "./remote/remote_info.ts";

/** How a machine is reached, and how the connection to it is kept. Nothing of it matters to this machine. */
export interface EnvironmentOptions extends WebSocketOptions, ClientOptions {
  /** This machine: what is worked on, or what starts a server command. */
  readonly host: Host;
  /** Milliseconds to connect; 10 s by default. */
  connectMs?: number | undefined;
}

/** What a machine is made of. */
export interface EnvironmentParts extends Pick<Environment, "exec" | "fileSystem" | "http" | "info"> {
  /** The processes of everybody, where there is a server that has them. */
  readonly shared?: SharedProcesses;
}

/**
 * A machine to work on, this one or another: its processes, its files and what it reaches by HTTP, by the same calls and
 * with the same failures. `await using` ends it at the end of the block, and with it every process it started, every open
 * file, every watch and every request.
 */
export class Environment implements AsyncDisposable {
  readonly exec: ExecBackend;
  readonly fileSystem: FileSystem;
  readonly http: HttpClient;
  /** What the machine says of itself. */
  readonly info: MachineInfo;
  readonly #shared: SharedProcesses | undefined;
  readonly #end: () => Promise<void>;
  #ended: Promise<void> | undefined;

  protected constructor(parts: EnvironmentParts, end: () => Promise<void>) {
    this.exec = parts.exec;
    this.fileSystem = parts.fileSystem;
    this.http = parts.http;
    this.info = parts.info;
    this.#shared = parts.shared;
    this.#end = end;
  }

  /**
   * This machine, or that of a server: `ws://HOST:PORT`, `wss://HOST:PORT`, `unix:/PATH`, or a command that serves on its
   * standard streams, such as `{ argv: ["ssh", "HOST", "exec-server", "serve", "--listen", "stdio"] }`.
   *
   * @throws {ConnectionError} when the server cannot be reached
   * @throws {RpcError} when it refuses
   * @throws {TypeError} for a URL of another kind, and for an option that means nothing
   */
  static async create(server: ServerAddress | undefined, options: EnvironmentOptions): Promise<Environment> {
    const { host, ...connection } = options;
    if (server === undefined) return this.on(host);
    return this.over(await ExecServerClient.connect(connectorTo(server, connection, host), connection));
  }

  /**
   * A machine by the name that it has in the user's `environments.toml`, the Codex CLI's own file in `CODEX_HOME`
   * (`~/.codex`). Without a name it is the file's default, and `local` is this machine.
   *
   * @throws {EnvironmentsFileError} for a file that cannot be followed, and for a name that is not in it
   * @throws {ConnectionError} when its server cannot be reached
   * @throws {RpcError} when it refuses
   */
  static async named(name: string | undefined, options: EnvironmentOptions): Promise<Environment> {
    const { host } = options;
    const found = findNamed(await namedEnvironments(host), name);
    if (found === "local") return this.on(host);
    return await this.create(...serverOf(found, options, host.environment()));
  }

  /** The machine at the other end of a client, which is closed with it. */
  static over(client: ExecServerClient): Environment {
    const exec = new RemoteBackend(client);
    const fileSystem = new RemoteFileSystem(client);
    const http = new RemoteHttpClient(client);
    const info = machineInfo(client.environmentInfo);
    return new this({ exec, fileSystem, http, info, shared: exec }, async () => {
      await client.terminateAll();
      http[Symbol.dispose]();
      await fileSystem[Symbol.asyncDispose]();
      client.close();
    });
  }

  /** This machine, with nothing in between. */
  static on(host: Host): Environment {
    const exec = new LocalBackend(host);
    const fileSystem = new LocalFileSystem(new MachineDisk(host));
    const http = new LocalHttpClient(host.environment());
    return new this({ exec, fileSystem, http, info: hostInfo(host) }, async () => {
      await exec[Symbol.asyncDispose]();
      http[Symbol.dispose]();
      await fileSystem[Symbol.asyncDispose]();
    });
  }

  /**
   * Every process of its server, those of other clients too.
   *
   * @throws {RpcError} -32601 where processes cannot be shared: on this machine without a server, and on other servers
   */
  async list(): Promise<readonly ListedProcess[]> {
    return await this.#sharing.list();
  }

  /**
   * Follows a process of another client, by its handle, its name, or the beginning of its handle.
   *
   * @throws {RpcError} -32600 where none or several are meant, -32601 where processes cannot be shared
   */
  async attach(process: string, options?: AttachOptions): Promise<SharedProcess> {
    return await this.#sharing.attach(process, options);
  }

  /**
   * Makes a process one's own whose owner is gone, such as one of the server's lifetime.
   *
   * @throws {RpcError} as {@linkcode attach} does, and -32600 while its owner is there
   */
  async adopt(process: string): Promise<SharedProcess> {
    return await this.#sharing.adopt(process);
  }

  get #sharing(): SharedProcesses {
    if (this.#shared) return this.#shared;
    throw new RpcError(
      errorCodes.methodNotFound,
      "processes that are started without a server cannot be shared: connect to one on this machine",
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#ended ??= this.#end();
  }
}

/** The user's machines; that they cannot be looked for is told as by a server. */
async function namedEnvironments(host: Host): Promise<NamedEnvironments> {
  try {
    return await readNamedEnvironments(codexHost(host));
  } catch (error) {
    throw error instanceof OperationError ? rpcFailure(error) : error;
  }
}
