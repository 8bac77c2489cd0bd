import { parse, sep } from "node:path";

/**
 * Absolute paths taken apart and put together. `node:path` is not used for it, because Bun's replaces what is not
 * text.
 */

/** The path of a name in a directory. */
export function join(directory: string, name: string): string {
  return directory.endsWith(sep) ? directory + name : directory + sep + name;
}

/** A path as its root, such as `/` or `C:\`, and the names below it. */
export function splitPath(path: string): { root: string; names: string[] } {
  const root = sep === "/" ? "/" : parse(path).root;
  return { root, names: path.slice(root.length).split(sep).filter((name) => name !== "") };
}

/** The directory that a path is in, or undefined for a root. */
export function parentOf(path: string): string | undefined {
  const { root, names } = splitPath(path);
  return names.length === 0 ? undefined : root + names.slice(0, -1).join(sep);
}
