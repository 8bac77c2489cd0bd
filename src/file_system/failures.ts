import type { Stats } from "node:fs";
import { invalidRequest, type RpcError } from "../protocol/errors.ts";
import { fromOsError } from "../protocol/os_errors.ts";
import { readablePath } from "../protocol/path_text.ts";

/** Runs an operation, and turns the operating system's errors into the protocol's. */
export async function answering<Result>(operation: () => Promise<Result>): Promise<Result> {
  try {
    return await operation();
  } catch (error) {
    throw fromOsError(error);
  }
}

/** The refusal of a path that is a directory, a FIFO or a device where a file is due. */
export function notAFile(path: string): RpcError {
  return invalidRequest(`path \`${readablePath(path)}\` is not a file`);
}

/**
 * Whether one may write to what was opened without waiting. A FIFO would take what its reader leaves room for and
 * fail in the middle; a file and a device take everything or say why not.
 */
export function takesBytes(stats: Stats): boolean {
  return !stats.isFIFO() && !stats.isSocket();
}
