import { createServer, type Server } from "node:net";
import { SHUTDOWN_MS } from "../limits.ts";
import { RemotePorts } from "../machine/remote/remote_ports.ts";
import { failureText } from "../native/os_errors.ts";
import { PlainConnection } from "../network_proxy/plain_network.ts";
import { Interrupted, StopSignals } from "./copy_stop.ts";
import { ForwardedConnections } from "./forwarded_connections.ts";
import type { ForwardedPort } from "./forwarded_port.ts";
import { print } from "./print.ts";
import type { ProgramHost } from "./program_host.ts";
import { serverAtUrl, type ServerChoice } from "./server_flags.ts";
import type { SshCopyOptions } from "./ssh_copy.ts";
import { namedServer, openTarget } from "./target.ts";
import { UsageError } from "./usage_error.ts";
import { visibleText } from "./visible_text.ts";

/** What was given for the flags of `forward`. */
export interface ForwardFlags extends ServerChoice, SshCopyOptions {
  readonly quiet: boolean;
}

/** Listens for ports of a server until Ctrl-C, or until the server is lost. @returns the exit status */
export async function forwardPorts(
  ports: readonly ForwardedPort[],
  flags: ForwardFlags,
  host: ProgramHost,
): Promise<number> {
  using stop = new StopSignals();
  const server = serverAtUrl(flags) ?? await namedServer(flags, host);
  if (server === "local") {
    throw new UsageError(
      "Name the server whose ports are wanted: --url, --environment, --on or EXEC_SERVER_URL",
    );
  }
  await using target = await stop.within(openTarget(server, host, flags), 0);
  const { client } = target;
  const remote = new RemotePorts(client);
  remote.check();
  const say = async (text: string) => {
    const bytes = new TextEncoder().encode(`exec-server: ${visibleText(text)}\n`);
    await host.writeStandard("stderr", bytes).catch(() => {});
  };
  const connections = new ForwardedConnections(remote, (text) => flags.quiet ? undefined : void say(text));
  const lost = new Promise<string>((resolve) => {
    client.listenConnection((state) => {
      if (state.kind === "disconnected") resolve(state.reason);
    });
  });
  const listeners: Server[] = [];
  try {
    for (const port of ports) {
      const listener = await listen(port, (connection) => void connections.forward(connection, port));
      listeners.push(listener);
      const status = await print(host, `${placeText(port, listener)}\n`);
      if (status !== 0) return status;
    }
    const reason = await stop.within(lost, 0);
    await say(reason);
    return 125;
  } catch (error) {
    if (error instanceof Interrupted) return 0;
    if (!(error instanceof ListenError)) throw error;
    await say(error.message);
    return 1;
  } finally {
    for (const listener of listeners) listener.close();
    await stop.within(connections.close(), SHUTDOWN_MS).catch(() => {});
  }
}

/** A place cannot be had. */
class ListenError extends Error {
  override readonly name = "ListenError";
}

/** @throws {ListenError} which says why */
async function listen(
  { address, local, port }: ForwardedPort,
  onConnection: (connection: PlainConnection) => void,
): Promise<Server> {
  const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true };
  const listener = createServer(options, (socket) => onConnection(new PlainConnection(socket)));
  try {
    await new Promise<void>((resolve, reject) => {
      listener.once("error", reject);
      listener.listen(local, address, resolve);
    });
  } catch (error) {
    const remedy = `; :${port} takes a free one`;
    throw new ListenError(`Cannot listen on ${address}:${local}: ${failureText(error)}${remedy}`, {
      cause: error,
    });
  }
  // Such as no descriptors for whoever wants to connect: it tries again.
  listener.on("error", () => {});
  return listener;
}

function placeText({ address, host, port }: ForwardedPort, listener: Server): string {
  const { port: local } = listener.address() as { readonly port: number };
  const here = address.includes(":") ? `[${address}]` : address;
  return `${here}:${local} -> ${host === undefined ? "" : `${host}:`}${port}`;
}
