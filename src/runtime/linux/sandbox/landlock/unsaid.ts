import type { Mount, Plan } from "../../../../host/confinement.ts";

/**
 * What of a plan the rules of Landlock cannot say: they only add rights, for a place and all below it. Undefined where
 * they say all of it.
 */
export function unsaidBy({ root, mounts, filter, listens }: Plan): string | undefined {
  if (root === "writable") return "take anything out of what may be written to";
  if (root === "empty") return "hide what the policy does not name";
  const [first] = mounts;
  if (first) return unsaidOf(first);
  if (listens || filter === "ownNetwork" || filter === "ownNetworkAndUnixSockets") {
    return "give a network of its own, with a proxy as the way out";
  }
  return undefined;
}

function unsaidOf({ kind, path }: Mount): string {
  switch (kind) {
    case "writable":
      return `let ${path} be written to and protect .git and the like in it`;
    case "readOnly":
      return `keep ${path} read only in a place that may be written to`;
    case "hiddenFile":
    case "hiddenDirectory":
      return `hide ${path}`;
    case "emptyFile":
    case "emptyDirectory":
      return `keep ${path} from being made`;
    case "link":
      return `show ${path} alone`;
  }
}
