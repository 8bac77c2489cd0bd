import { resolve } from "node:path";
import { ConfinedDisk, type ConfinedDiskOptions } from "../../file_system/confined/confined_disk.ts";
import type { Disk } from "../../file_system/disk.ts";
import { hasDescriptorPaths } from "../../file_system/platform.ts";
import type { Variables } from "../../process/child_environment.ts";
import { internalError, invalidRequest, type RpcError } from "../../protocol/errors.ts";
import type { PlatformOs } from "../../protocol/file_uri.ts";
import type { Sandbox } from "../../protocol/schemas/sandbox.ts";
import { FileView } from "../../sandbox/file_view.ts";
import { resolvePolicy } from "../../sandbox/resolve_policy.ts";
import { UnenforceableError } from "../../sandbox/unenforceable_error.ts";
import { filePolicyOf, gradeOf } from "./sandbox_policy.ts";

/** The files that requests are about, and what it takes to confine a request to some of them. */
export interface FileConfinement {
  /** This machine's files, whose calls wait in the connection's share. */
  readonly disk: Disk;
  readonly os: PlatformOs;
  /** The server's own environment. */
  readonly environment: Variables;
}

/**
 * The files that a policy leaves, as of now.
 *
 * @throws {RpcError} -32603 for a policy that cannot be obeyed, -32600 for one that names nothing of this machine
 */
export async function confinedDisk(
  sandbox: Sandbox,
  { disk, os, environment }: FileConfinement,
  options: ConfinedDiskOptions,
): Promise<Disk> {
  const files = filePolicyOf(sandbox, os);
  if (!files) return disk;
  if (!hasDescriptorPaths()) throw notConfined("that takes Linux with /proc: use a server on such a machine");
  const { TMPDIR: temporary, HOME: home } = environment;
  const surroundings = { temporaryDirectory: temporary ? resolve("/", temporary) : undefined, home };
  try {
    const resolved = await resolvePolicy({ files, network: "enabled" }, surroundings);
    return resolved.grade === "full" ? new ConfinedDisk(disk, new FileView(resolved), options) : disk;
  } catch (error) {
    throw error instanceof UnenforceableError ? notConfined(error.message, { cause: error }) : error;
  }
}

/**
 * Whoever may write everywhere without a policy needs no process to get around any.
 *
 * @throws {RpcError} -32600 for no policy, or one that restricts no files
 */
export function mustRestrict(sandbox: Sandbox | undefined, os: PlatformOs): void {
  const grade = sandbox && gradeOf({ files: filePolicyOf(sandbox, os), network: "enabled" });
  if (grade === "full") return;
  throw invalidRequest(
    "this server changes files only under a sandbox that restricts them (--require-sandbox)",
  );
}

function notConfined(why: string, options?: ErrorOptions): RpcError {
  return internalError(`This server cannot confine a file operation: ${why}`, options);
}
