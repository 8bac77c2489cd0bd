import { formatFileUri, type PlatformOs } from "../protocol/file_uri.ts";
import type { EnvPolicy } from "../protocol/schemas/process.ts";
import type { StartRequest } from "./exec_backend.ts";

const coreOnly: EnvPolicy = {
  inherit: "core",
  ignoreDefaultExcludes: false,
  exclude: [],
  set: {},
  includeOnly: [],
};

/** The policy of a request; undefined for exactly its own variables. */
export function envPolicyOf({ envPolicy }: StartRequest): EnvPolicy | undefined {
  return envPolicy === undefined ? coreOnly : envPolicy ?? undefined;
}

/** A directory as a `file:` URI of its machine, which may have been given as one already. */
export function directoryUri(directory: string, os: PlatformOs): string {
  return /^file:/i.test(directory) ? directory : formatFileUri(directory, os);
}

/** Bytes of a text, or bytes. */
export function bytesOf(data: Uint8Array | string): Uint8Array {
  return typeof data === "string" ? new TextEncoder().encode(data) : data;
}
