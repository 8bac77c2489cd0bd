import type { Disk } from "./disk.ts";
import { answering } from "./failures.ts";
import { uriOf } from "./platform.ts";

/**
 * The URI of a path without links and dot segments.
 *
 * @throws {RpcError} -32004 when it does not exist; -32600 without permission; -32603 for any other failure
 */
export function canonicalize(disk: Disk, path: string): Promise<{ path: string }> {
  return answering(async () => ({ path: uriOf(await disk.realpath(path)) }));
}
