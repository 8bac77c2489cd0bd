import { ExecServerClient } from "../client/client.ts";
import type { ClientOptions } from "../client/client_options.ts";
import { codexHost } from "../codex/codex_host.ts";
import type { NamedEnvironments } from "../codex/environments_file.ts";
import { readNamedEnvironments } from "../codex/named_environments.ts";
import { MachineDisk } from "../file_system/disk.ts";
import type { Host } from "../host/host.ts";
import type { WebSocketOptions } from "../transport/websocket_transport.ts";
import { connectorTo, type ServerAddress } from "./connector.ts";
import { LocalBackend } from "./local/local_backend.ts";
import { LocalFileSystem } from "./local/local_file_system.ts";
import { hostInfo } from "./local/local_info.ts";
import { transfersOf } from "./local/transfer.ts";
import type { Transfers } from "./files.ts";
import { LocalHttpClient } from "./local/local_http_client.ts";
import { Machine } from "./machine.ts";
import { failingAlike, machineError } from "./machine_error.ts";
import { findNamed, serverOf } from "./named_server.ts";
import { remoteParts } from "./remote/remote_machine.ts";

/** How a machine is reached, and how the connection to it is kept. Nothing of it matters to this machine. */
export interface EnvironmentOptions extends WebSocketOptions, ClientOptions {
  /** This machine: what is worked on, or what starts a server command. */
  readonly host: Host;
  /** Milliseconds to connect; 10 s by default. */
  connectMs?: number | undefined;
}

/** A {@linkcode Machine}, and the ways to it. */
export class Environment extends Machine {
  /**
   * This machine, or that of a server: `ws://HOST:PORT`, `wss://HOST:PORT`, `unix:/PATH`, or a command that serves on its
   * standard streams, such as `{ argv: ["ssh", "HOST", "exec-server", "serve", "--listen", "stdio"] }`.
   *
   * @throws {ConnectionError} when the server cannot be reached
   * @throws {ServerError} when it refuses
   * @throws {TypeError} for a URL of another kind, and for an option that means nothing
   */
  static async create(server: ServerAddress | undefined, options: EnvironmentOptions): Promise<Environment> {
    const { host, ...connection } = options;
    if (server === undefined) return this.on(host);
    const connector = connectorTo(server, connection, host);
    const client = await failingAlike(() => ExecServerClient.connect(connector, connection));
    return this.over(client, transfersOf(() => new LocalFileSystem(new MachineDisk(host))));
  }

  /**
   * A machine by the name that it has in the user's `environments.toml`, the Codex CLI's own file in `CODEX_HOME`
   * (`~/.codex`). Without a name it is the file's default, and `local` is this machine.
   *
   * @throws {EnvironmentsFileError} for a file that cannot be followed, and for a name that is not in it
   * @throws {ConnectionError} when its server cannot be reached
   * @throws {ServerError} when it refuses
   */
  static async named(name: string | undefined, options: EnvironmentOptions): Promise<Environment> {
    const { host } = options;
    const found = findNamed(await namedEnvironments(host), name);
    if (found === "local") return this.on(host);
    return await this.create(...serverOf(found, options, host.environment()));
  }

  /**
   * The machine at the other end of a client, which is closed with it.
   *
   * @param transfers moves trees from and to this machine; without, they cannot be moved
   */
  static over(client: ExecServerClient, transfers?: Transfers): Environment {
    return new this(...remoteParts(client, transfers));
  }

  /** This machine, with nothing in between. */
  static on(host: Host): Environment {
    const exec = new LocalBackend(host);
    const files = new LocalFileSystem(new MachineDisk(host));
    const http = new LocalHttpClient(host.environment());
    const usage = () => exec.usage();
    const connectTcp = async (port: number, address?: string) => {
      const { connectLocally } = await import("./local/local_ports.ts");
      return await failingAlike(() => connectLocally(port, address));
    };
    return new this({ exec, files, http, info: hostInfo(host), usage, connectTcp }, async () => {
      await exec[Symbol.asyncDispose]();
      http[Symbol.dispose]();
      await files[Symbol.asyncDispose]();
    });
  }
}

/** The user's machines; that they cannot be looked for is told as by a server. */
async function namedEnvironments(host: Host): Promise<NamedEnvironments> {
  try {
    return await readNamedEnvironments(codexHost(host));
  } catch (error) {
    throw machineError(error);
  }
}
