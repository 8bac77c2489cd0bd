import { RemoteBackend } from "../../src/machine/remote/remote_backend.ts";
import type { ExecServerClient } from "../../src/client/client.ts";
import type { ConnectionState } from "../../src/client/connection_state.ts";
import { openClient } from "../support/client.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";
import { FaultProxy } from "./fault_proxy.ts";

/** A backend whose connection goes through a proxy, and what it was told of its connection. */
export interface BackendBehindProxy extends AsyncDisposable {
  readonly server: ServerProcess;
  readonly proxy: FaultProxy;
  readonly client: ExecServerClient;
  readonly backend: RemoteBackend;
  readonly states: readonly ConnectionState["kind"][];
}

/** Starts a server, a proxy in front of it, and a client. */
export async function backendBehindProxy(
  options: Parameters<typeof openClient>[2] = {},
): Promise<BackendBehindProxy> {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await startServer({ args: ["--log-level", "warn"] }));
  const proxy = stack.use(await FaultProxy.listen(server.url));
  const states: ConnectionState["kind"][] = [];
  const onConnection = ({ kind }: ConnectionState) => void states.push(kind);
  const client = stack.use(await openClient(proxy.url, {}, { onConnection, ...options }));
  const backend = new RemoteBackend(client);
  return { server, proxy, client, backend, states, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
