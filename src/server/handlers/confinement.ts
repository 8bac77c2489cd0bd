import { internalError, type RpcError } from "../../protocol/errors.ts";
import { restrictionOf } from "../../protocol/sandbox_policy.ts";
import type { Sandbox } from "../../protocol/schemas/sandbox.ts";

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
