import type { ExecServerClient } from "../../client/client.ts";
import type { MachineInfo } from "../../machine/machine_info.ts";
import { RemoteBackend } from "../../machine/remote/remote_backend.ts";
import { RemoteFileSystem } from "../../machine/remote/remote_file_system.ts";
import { machineInfo } from "../../machine/remote/remote_info.ts";
import { type SandboxRequest, wireSandbox } from "../../machine/sandbox_request.ts";
import { uriOfPath } from "../../machine/machine_path.ts";
import { isAbsolutePath } from "../../protocol/file_uri.ts";
import type { Confinement } from "./confinement.ts";

/** A connection to a machine. What was opened for it ends with it. */
export interface MachineConnection extends AsyncDisposable {
  readonly client: ExecServerClient;
}

/** A machine that has a name, and the way to it. */
export interface MachineChoice {
  readonly name: string;
  /** What and where it is, in a few words. */
  readonly about: string;
  /** Whether its server ends with its connection, so that nothing runs on there. */
  readonly endsWithConnection: boolean;
  /** Where its commands start; its own directory by default. */
  readonly directory?: string | undefined;
  open(): Promise<MachineConnection>;
}

/** A machine as tools work with it: as far as they may. */
export class ToolMachine implements AsyncDisposable {
  readonly name: string;
  readonly client: ExecServerClient;
  readonly exec: RemoteBackend;
  readonly files: RemoteFileSystem;
  readonly info: MachineInfo;
  readonly endsWithConnection: boolean;
  /** Where commands start, and relative paths begin. */
  readonly directory: string;
  /** What its commands are confined to. */
  readonly sandbox: SandboxRequest | undefined;
  readonly #connection: MachineConnection;

  constructor(
    { name, directory, endsWithConnection }: Omit<MachineChoice, "open">,
    connection: MachineConnection,
    { sandbox }: Confinement,
  ) {
    const { client } = connection;
    this.name = name;
    this.endsWithConnection = endsWithConnection;
    this.client = client;
    this.info = machineInfo(client.environmentInfo);
    this.directory = this.#absolute(directory ?? ".", this.info.workingDirectory ?? "/");
    this.sandbox = sandbox && {
      ...sandbox,
      workspace: this.directory,
      writable: sandbox.writable?.map((path) => this.path(path)),
    };
    const uri = (path: string) => uriOfPath(path, this.info.os);
    this.exec = new RemoteBackend(client);
    this.files = new RemoteFileSystem(
      client,
      undefined,
      this.sandbox && wireSandbox(this.sandbox, uri(this.directory), uri),
    );
    this.#connection = connection;
  }

  /** The absolute path that a text means. */
  path(text: string): string {
    return this.#absolute(text, this.directory);
  }

  #absolute(text: string, from: string): string {
    const { os, homeDirectory } = this.info;
    if (/^~([\\/]|$)/.test(text) && homeDirectory !== undefined) return homeDirectory + text.slice(1);
    if (/^file:/i.test(text) || isAbsolutePath(text, os)) return text;
    const rest = text.replace(/^(\.[\\/])+|^\.$/, "");
    return rest === "" ? from : `${from.replace(/[\\/]$/, "")}${os === "windows" ? "\\" : "/"}${rest}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.terminateAll().catch(() => {}); // Or the connection is lost, and the processes with it.
    await this.#connection[Symbol.asyncDispose]();
  }
}
