import { internalError, type RpcError } from "../protocol/errors.ts";
import { restrictionOf } from "../protocol/sandbox_policy.ts";
import type { ManagedNetwork, NetworkProxy, Sandbox } from "../protocol/schemas/sandbox.ts";

/** What a request may say about confinement; absent and null ask for none. */
export interface ConfinementRequest {
  readonly sandbox?: Sandbox | null;
  readonly enforceManagedNetwork?: boolean;
  readonly managedNetwork?: ManagedNetwork | null;
  readonly networkProxy?: NetworkProxy | null;
}

/**
 * Lets a process start only if it is to run with everything this server can do. Clients take `sandboxType: "none"`
 * for an answer without complaint, so a request for less must fail instead.
 *
 * `enforceManagedNetwork` without a policy means nothing, as in the reference server.
 *
 * @throws {RpcError} -32603 that says what was asked for
 */
export function refuseConfinement(request: ConfinementRequest): void {
  const { sandbox, managedNetwork, networkProxy } = request;
  const restriction = restrictionOf(sandbox, "process");
  if (restriction) throw noSandbox("process", restriction);
  if (networkProxy) throw noSandbox("process", "a network proxy");
  const described = Object.values(managedNetwork ?? {}).some((value) =>
    value !== undefined && value !== null
  );
  if (described || (request.enforceManagedNetwork && sandbox)) {
    throw noSandbox("process", "a managed network");
  }
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
