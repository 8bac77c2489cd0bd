import { internalError, type RpcError } from "../../protocol/errors.ts";
import { restrictionOf } from "../../protocol/sandbox_policy.ts";
import type { ManagedNetwork, NetworkProxy, Sandbox } from "../../protocol/schemas/sandbox.ts";

/** What a request may say about a network of its own; absent and null ask for none. */
export interface ManagedNetworkRequest {
  readonly sandbox?: Sandbox | null;
  readonly enforceManagedNetwork?: boolean;
  readonly managedNetwork?: ManagedNetwork | null;
  readonly networkProxy?: NetworkProxy | null;
}

/**
 * Refuses what takes a proxy, which this server has not. Without a policy, `enforceManagedNetwork` means nothing, and
 * `managedNetwork` nothing without that, as in the reference server.
 *
 * @throws {RpcError} -32603 that says what was asked for
 */
export function refuseManagedNetwork(request: ManagedNetworkRequest): void {
  if (request.networkProxy) throw noProxy("a network proxy");
  if (request.enforceManagedNetwork && request.sandbox) throw noProxy("a managed network");
}

function noProxy(what: string): RpcError {
  return internalError(
    `This server has no network proxy and cannot give a process ${what}: ask without it, or for no network at all`,
  );
}

/**
 * Lets a file operation go ahead only if it may touch everything this server can.
 *
 * @throws {RpcError} -32603 that says what was asked for
 */
export function refuseFileConfinement(sandbox: Sandbox | null | undefined): void {
  const restriction = restrictionOf(sandbox, "files");
  if (restriction) throw noSandbox("file operation", restriction);
}

function noSandbox(subject: string, restriction: string): RpcError {
  return internalError(
    `This server has no sandbox and cannot give a ${subject} ${restriction}: ` +
      "ask without it, or use a server that has a sandbox",
  );
}
