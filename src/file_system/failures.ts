import type { Stats } from "node:fs";
import { type OperationError, refused } from "../native/operation_error.ts";
import { osErrorText } from "../native/os_errors.ts";
import { readablePath } from "../native/path_text.ts";

/** The refusal of a path that is a directory, a FIFO or a device where a file is due. */
export function notAFile(path: string): OperationError {
  return refused(`path \`${readablePath(path)}\` is not a file`);
}

/**
 * Whether one may write to what was opened without waiting. A FIFO would take what its reader leaves room for and
 * fail in the middle; a file and a device take everything or say why not.
 */
export function takesBytes(stats: Stats): boolean {
  return !stats.isFIFO() && !stats.isSocket();
}

/** An error as the operating system's own. */
export function systemError(code: string): Error {
  return Object.assign(new Error(osErrorText(code)), { code });
}
