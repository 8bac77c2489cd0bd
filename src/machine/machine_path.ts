import {
  ForeignPathError,
  formatFileUri,
  isAbsolutePath,
  parseFileUri,
  type PlatformOs,
} from "../protocol/file_uri.ts";
import { invalidError, refusedError } from "./machine_error.ts";

/**
 * The `file:` URI of an absolute path of a machine, or a URI that is given as one.
 *
 * @throws {ServerError} EINVAL for a path that is not absolute there
 */
export function uriOfPath(path: string, os: PlatformOs): string {
  if (/^file:/i.test(path)) return path;
  if (isAbsolutePath(path, os)) return formatFileUri(path, os);
  throw invalidError(`The path "${path}" is not absolute: give the whole path on its machine`);
}

/**
 * The path of its machine that a URI stands for.
 *
 * @throws {ServerError} EREFUSED for a URI of another machine or platform
 */
export function pathOfUri(uri: string, os: PlatformOs): string {
  try {
    return parseFileUri(uri, os);
  } catch (error) {
    throw error instanceof ForeignPathError ? refusedError(error.message, { cause: error }) : error;
  }
}
