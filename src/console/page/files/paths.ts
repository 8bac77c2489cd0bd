import { formatFileUri, parseFileUri, type PlatformOs } from "../../../protocol/file_uri.ts";

/** Paths of a server's machine, which stand in its answers as URIs. */

/** A path as people read it; the URI itself where it is none of this platform. */
export function pathText(uri: string, os: PlatformOs = "linux"): string {
  try {
    return parseFileUri(uri, os);
  } catch {
    return uri;
  }
}

/** The URI of a name in a directory. A name is one part of a path, whatever it holds. */
export function below(directory: string, name: string): string {
  return `${directory.replace(/\/+$/, "")}/${encodeURIComponent(name)}`;
}

/** The directory that a path is in; the root is in itself. */
export function above(uri: string): string {
  const path = uri.replace(/^file:\/\/[^/]*/, "").replace(/\/+$/, "");
  return `file://${path.slice(0, path.lastIndexOf("/")) || "/"}`;
}

/** The last name of a path. */
export function lastName(uri: string, os: PlatformOs = "linux"): string {
  const path = pathText(uri, os).replace(/[\\/]+$/, "");
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** The URI of a path that somebody has typed. */
export function typedPath(text: string, os: PlatformOs = "linux"): string {
  return /^file:/i.test(text) ? text : formatFileUri(text, os);
}
