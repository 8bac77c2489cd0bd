import { ExecServerClient } from "../client/client.ts";
import type { ClientOptions } from "../client/client_options.ts";
import { codexHost } from "../codex/codex_host.ts";
import { readNamedEnvironments } from "../codex/named_environments.ts";
import { Disk } from "../file_system/disk.ts";
import type { Host } from "../host/host.ts";
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
import { machineInfo } from "./remote/remote_info.ts";

/** How a machine is reached, and how the connection to it is kept. Nothing of it matters to this machine. */
export interface EnvironmentOptions extends WebSocketOptions, ClientOptions {
  /** This machine: what is worked on, or what starts a server command. */
  readonly host: Host;
  /** Milliseconds to connect; 10 s by default. */
  connectMs?: number | undefined;
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
  readonly #end: () => Promise<void>;
  #ended: Promise<void> | undefined;

  protected constructor(parts: Omit<Environment, typeof Symbol.asyncDispose>, end: () => Promise<void>) {
    this.exec = parts.exec;
    this.fileSystem = parts.fileSystem;
    this.http = parts.http;
    this.info = parts.info;
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
    const found = findNamed(await readNamedEnvironments(codexHost(host)), name);
    if (found === "local") return this.on(host);
    return await this.create(...serverOf(found, options, host.environment()));
  }

  /** The machine at the other end of a client, which is closed with it. */
  static over(client: ExecServerClient): Environment {
    const exec = new RemoteBackend(client);
    const fileSystem = new RemoteFileSystem(client);
    const http = new RemoteHttpClient(client);
    const info = machineInfo(client.environmentInfo);
    return new this({ exec, fileSystem, http, info }, async () => {
      await client.terminateAll();
      http[Symbol.dispose]();
      await fileSystem[Symbol.asyncDispose]();
      client.close();
    });
  }

  /** This machine, with nothing in between. */
  static on(host: Host): Environment {
    const exec = new LocalBackend(host);
    const fileSystem = new LocalFileSystem(new Disk(host));
    const http = new LocalHttpClient(host.environment());
    return new this({ exec, fileSystem, http, info: hostInfo(host) }, async () => {
      await exec[Symbol.asyncDispose]();
      http[Symbol.dispose]();
      await fileSystem[Symbol.asyncDispose]();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#ended ??= this.#end();
  }
}
