import process from "node:process";
import { type ClientOptions, ExecServerClient } from "../client/client.ts";
import { environmentInfo } from "../host/environment_info.ts";
import { thisMachine } from "../host/facts.ts";
import { readNamedEnvironments } from "../codex/named_environments.ts";
import { Disk } from "../file_system/disk.ts";
import { type ConnectorOptions, connectorTo, type ServerAddress } from "./connector.ts";
import type { ExecBackend } from "./exec_backend.ts";
import type { FileSystem } from "./file_system.ts";
import type { HttpClient } from "./http_client.ts";
import { LocalBackend } from "./local/local_backend.ts";
import { LocalFileSystem } from "./local/local_file_system.ts";
import { LocalHttpClient } from "./local/local_http_client.ts";
import { type MachineInfo, machineInfo } from "./machine_info.ts";
import { type MachineRuntime, machineRuntime } from "./machine_runtime.ts";
import { findNamed, serverOf } from "./named_server.ts";
import { RemoteBackend } from "./remote/remote_backend.ts";
import { RemoteFileSystem } from "./remote/remote_file_system.ts";
import { RemoteHttpClient } from "./remote/remote_http_client.ts";

/** How a machine is reached, and how the connection to it is kept. Nothing of it matters to this machine. */
export interface EnvironmentOptions extends ConnectorOptions, ClientOptions {
  /** What this machine's processes and files need; what the program's entry has set by default. */
  readonly runtime?: MachineRuntime | undefined;
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

  private constructor(parts: Omit<Environment, typeof Symbol.asyncDispose>, end: () => Promise<void>) {
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
  static async create(server?: ServerAddress, options: EnvironmentOptions = {}): Promise<Environment> {
    if (server === undefined) return Environment.#local(options.runtime ?? machineRuntime());
    return Environment.over(await ExecServerClient.connect(connectorTo(server, options), options));
  }

  /**
   * A machine by the name that it has in the user's `environments.toml`, the Codex CLI's own file in `CODEX_HOME`
   * (`~/.codex`). Without a name it is the file's default, and `local` is this machine.
   *
   * @throws {EnvironmentsFileError} for a file that cannot be followed, and for a name that is not in it
   * @throws {ConnectionError} when its server cannot be reached
   * @throws {RpcError} when it refuses
   */
  static async named(name?: string, options: EnvironmentOptions = {}): Promise<Environment> {
    const found = findNamed(await readNamedEnvironments(thisMachine()), name);
    if (found === "local") return await Environment.create(undefined, options);
    return await Environment.create(...serverOf(found, options));
  }

  /** The machine at the other end of a client, which is closed with it. */
  static over(client: ExecServerClient): Environment {
    const exec = new RemoteBackend(client);
    const fileSystem = new RemoteFileSystem(client);
    const http = new RemoteHttpClient(client);
    const info = machineInfo(client.environmentInfo);
    return new Environment({ exec, fileSystem, http, info }, async () => {
      await client.terminateAll();
      http[Symbol.dispose]();
      await fileSystem[Symbol.asyncDispose]();
      client.close();
    });
  }

  static #local({ spawner, ownEnvironment, openByteCalls, openNotifier }: MachineRuntime): Environment {
    const exec = new LocalBackend(spawner, ownEnvironment());
    const fileSystem = new LocalFileSystem(new Disk({ openByteCalls, openNotifier }));
    const http = new LocalHttpClient(process.env);
    return new Environment({ exec, fileSystem, http, info: machineInfo(environmentInfo()) }, async () => {
      await exec[Symbol.asyncDispose]();
      http[Symbol.dispose]();
      await fileSystem[Symbol.asyncDispose]();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#ended ??= this.#end();
  }
}
