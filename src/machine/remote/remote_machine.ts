import { ExecServerClient } from "../../client/client.ts";
import type { ClientOptions } from "../../client/client_options.ts";
import {
  standardWebSocketConnector,
  type StandardWebSocketOptions,
} from "../../transport/standard_web_socket_transport.ts";
import { Machine, type MachineParts } from "../machine.ts";
import type { Transfers } from "../files.ts";
import { failingAlike } from "../machine_error.ts";
import { RemoteBackend } from "./remote_backend.ts";
import { RemoteFileSystem } from "./remote_file_system.ts";
import { RemoteHttpClient } from "./remote_http_client.ts";
import { RemotePorts } from "./remote_ports.ts";
import { machineInfo } from "./remote_info.ts";
import { remoteUsage } from "./remote_usage.ts";

/**
 * What the machine at the other end of a client is made of, and what ends it together with the client.
 *
 * @param transfers moves trees from and to this machine, where it has files
 */
export function remoteParts(
  client: ExecServerClient,
  transfers?: Transfers,
): [parts: MachineParts, end: () => Promise<void>] {
  const exec = new RemoteBackend(client);
  const files = new RemoteFileSystem(client, transfers);
  const http = new RemoteHttpClient(client);
  const info = machineInfo(client.environmentInfo);
  const usage = () => remoteUsage(client);
  const ports = new RemotePorts(client);
  const connectTcp = (port: number, host?: string) => ports.connect(port, host);
  return [{ exec, files, http, info, usage, connectTcp, shared: exec }, async () => {
    await client.terminateAll();
    http[Symbol.dispose]();
    await files[Symbol.asyncDispose]();
    client.close();
  }];
}

/** How a page reaches a machine, and how the connection to it is kept. */
export interface ConnectOptions extends Omit<StandardWebSocketOptions, keyof ClientOptions>, ClientOptions {}

/**
 * The machine of a server, `ws://HOST:PORT` or `wss://HOST:PORT`, with nothing but the web platform.
 *
 * @throws {ConnectionError} when the server cannot be reached
 * @throws {ServerError} when it refuses
 * @throws {TypeError} for a URL of another kind, and for an option that means nothing
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Machine> {
  if (typeof url !== "string") {
    throw new TypeError(
      "A page reaches machines by their servers only: connect takes a URL, such as wss://HOST",
    );
  }
  const connector = standardWebSocketConnector(url, options);
  const client = await failingAlike(() => ExecServerClient.connect(connector, options));
  return new Machine(...remoteParts(client));
}
