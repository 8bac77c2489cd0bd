import type { AttachOptions, ListedProcess, SharedProcess, SharedProcesses } from "./shared_process.ts";
import type { ExecBackend, ExecProcess, StartRequest } from "./exec_backend.ts";
import { checkKinds } from "../client/known_options.ts";
import type { NetworkConnection } from "../host/network.ts";
import type { FileSystem } from "./file_system.ts";
import type { HttpClient } from "./http_client.ts";
import type { MachineInfo } from "./machine_info.ts";
import type { MachineUsage } from "../usage/machine_usage.ts";
import { unsupportedError } from "./machine_error.ts";
import { runCommand } from "./run/run_command.ts";
import type { RunningCommand } from "./run/running_command.ts";
import { type ConnectTcpOptions, type TcpStream, tcpStream } from "./tcp_stream.ts";
import type { Command, RunOptions } from "./run/run_options.ts";

/** What a machine is made of. */
export interface MachineParts {
  readonly exec: ExecBackend;
  readonly files: FileSystem;
  readonly http: HttpClient;
  readonly info: MachineInfo;
  readonly usage: () => Promise<MachineUsage>;
  /** Connects to ports of the machine. */
  readonly connectTcp?: (port: number, host?: string) => Promise<NetworkConnection>;
  /** The processes of everybody, where there is a server that has them. */
  readonly shared?: SharedProcesses;
}

/**
 * A machine to work on, this one or another: its processes, its files and what it reaches by HTTP, by the same calls and
 * with the same failures. `close()`, or the end of an `await using` block, ends every process it started, every open file,
 * every watch and every request.
 */
export class Machine implements AsyncDisposable {
  /** What starts its processes, for whoever works with processes only. */
  readonly exec: ExecBackend;
  /** Its files. */
  readonly files: FileSystem;
  /** The HTTP requests that it makes. */
  readonly http: HttpClient;
  /** What the machine says of itself. */
  readonly info: MachineInfo;
  readonly #usage: () => Promise<MachineUsage>;
  readonly #connections = new Set<NetworkConnection>();
  readonly #connectTcp: MachineParts["connectTcp"];
  readonly #shared: SharedProcesses | undefined;
  readonly #end: () => Promise<void>;
  #ended: Promise<void> | undefined;

  constructor(parts: MachineParts, end: () => Promise<void>) {
    this.exec = parts.exec;
    this.files = parts.files;
    this.http = parts.http;
    this.info = parts.info;
    this.#usage = parts.usage;
    this.#connectTcp = parts.connectTcp;
    this.#shared = parts.shared;
    this.#end = end;
  }

  /** The same as {@linkcode files}. */
  get fileSystem(): FileSystem {
    return this.files;
  }

  /**
   * Runs a command to its end: a text by the machine's shell, an array as a program and its arguments. A status that is not
   * 0 is a result, too, unless `throwOnError` says otherwise. It ends when its output does: what it leaves running in the
   * background and writes to the same output keeps it.
   *
   * @throws {TypeError} for an option that means nothing, and for one of the wrong kind
   * @throws {NotFoundError} when there is no such program or directory
   * @throws {CommandError} with `throwOnError`, where it does not end with the status 0
   * @throws {ConnectionError} when its server is lost
   */
  run(command: Command, options: RunOptions = {}): RunningCommand {
    return runCommand(this, command, options);
  }

  /** Starts a process, to write to, to look at, or to leave running. Fails as {@linkcode ExecBackend.start} does. */
  start(request: StartRequest): Promise<ExecProcess> {
    return this.exec.start(request);
  }

  /**
   * Connects to a TCP port of the machine, which a server does from its end: its loopback addresses, unless a host is named.
   * The connection outlives a lost connection to the server as a process does.
   *
   * @throws {TypeError} for what is no port
   * @throws {ServerError} EFAILED where nobody answers, EREFUSED where the server does not want to, ENOTSUP where it cannot
   */
  async connectTcp(port: number, options: ConnectTcpOptions = {}): Promise<TcpStream> {
    checkKinds("connectTcp", options, { host: "string" });
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new TypeError(`connectTcp takes a port from 1 to 65535, not ${JSON.stringify(port)}`);
    }
    if (!this.#connectTcp) throw unsupportedError("this machine connects to no ports");
    const connection = await this.#connectTcp(port, options.host);
    this.#connections.add(connection);
    return tcpStream(connection, () => this.#connections.delete(connection));
  }

  /**
   * Every process of its server, those of other clients too.
   *
   * @throws {ServerError} ENOTSUP where processes cannot be shared: on this machine without a server, and on other servers
   */
  async list(): Promise<readonly ListedProcess[]> {
    return await this.#sharing.list();
  }

  /**
   * Follows a process of another client, by its handle, its name, or the beginning of its handle.
   *
   * @throws {ServerError} EREFUSED where none or several are meant, ENOTSUP where processes cannot be shared
   */
  async attach(process: string, options?: AttachOptions): Promise<SharedProcess> {
    return await this.#sharing.attach(process, options);
  }

  /**
   * Makes a process one's own whose owner is gone, such as one of the server's lifetime.
   *
   * @throws {ServerError} as {@linkcode attach} does, and EREFUSED while its owner is there
   */
  async adopt(process: string): Promise<SharedProcess> {
    return await this.#sharing.adopt(process);
  }

  /**
   * How much of it is in use: processors, memory, disks, and what each process has of them. It waits for no disk that does
   * not answer.
   *
   * @throws {ServerError} ENOTSUP on a server that does not tell, EREFUSED where this is not to be seen
   */
  usage(): Promise<MachineUsage> {
    return this.#usage();
  }

  /** Ends everything that was begun on it, and the connection to it. */
  close(): Promise<void> {
    for (const connection of this.#connections) connection.destroy("reset");
    return this.#ended ??= this.#end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #sharing(): SharedProcesses {
    if (this.#shared) return this.#shared;
    throw unsupportedError(
      "processes that are started without a server cannot be shared: connect to one on this machine",
    );
  }
}
