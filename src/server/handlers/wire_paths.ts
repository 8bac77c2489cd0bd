import { sep } from "node:path";
import { hostOs } from "../../host/facts.ts";
import { invalidRequest } from "../../protocol/errors.ts";
import {
  childUri,
  ForeignPathError,
  formatFileUri,
  parseFileUri,
  spelledFileUri,
} from "../../protocol/file_uri.ts";

/** Paths of this machine, which stand on the wire as URIs. */

/**
 * The native path of a URI in the params of a method.
 *
 * @throws {RpcError} -32602 for what is no `file:` URI, -32600 for a path of another machine or platform
 */
export function nativePath(uri: string): string {
  try {
    return parseFileUri(uri, hostOs);
  } catch (error) {
    throw error instanceof ForeignPathError ? invalidRequest(error.message, { cause: error }) : error;
  }
}

/** The URI of a native path. */
export function uriOf(path: string): string {
  return formatFileUri(path, hostOs);
}

/** A path as a client spelled it: what is told of it, and of what is below it, begins with the client's own URI. */
export class SpelledPath {
  readonly native: string;
  readonly #uri: string;
  readonly #below: number;
  /** The directory that was told of last: a walk tells all that is in one. */
  #directory = { path: "", uri: "" };

  /** @throws {RpcError} as {@linkcode nativePath} does */
  constructor(uri: string) {
    this.native = nativePath(uri);
    this.#uri = spelledFileUri(uri);
    this.#below = this.native.length + (this.native.endsWith(sep) ? 0 : sep.length);
  }

  /** The URI of a path that is this one or below it. */
  uriOf(path: string): string {
    if (path.length < this.#below || path === this.native) return this.#uri;
    const end = path.lastIndexOf(sep);
    if (end < this.#below) return childUri(this.#uri, path.slice(this.#below));
    const directory = path.slice(0, end);
    if (directory !== this.#directory.path) {
      const uri = childUri(this.#uri, ...directory.slice(this.#below).split(sep));
      this.#directory = { path: directory, uri };
    }
    return childUri(this.#directory.uri, path.slice(end + 1));
  }
}
