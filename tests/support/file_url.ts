import { pathToFileURL } from "node:url";

/** The `file:` URI of a path. */
export function pathToFileUrl(path: string): string {
  return pathToFileURL(path).href;
}
