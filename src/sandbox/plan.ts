import type { FilterName, Mount, Plan } from "../host/confinement.ts";
import { parentOf, type Place, type Places } from "./places.ts";
import type { NetworkPolicy } from "./policy.ts";
import type { ResolvedPolicy } from "./resolve_policy.ts";

const filters: Readonly<Record<NetworkPolicy, FilterName>> = {
  restricted: "noNetwork",
  enabled: "network",
  own: "ownNetwork",
  "own, with Unix sockets": "ownNetworkAndUnixSockets",
};

/** The plan that obeys a policy. */
export function planOf({ grade, network, root, places, links }: ResolvedPolicy): Plan {
  const hasNetwork = network === "enabled";
  const filter = grade === "none" ? undefined : filters[network];
  if (grade !== "full") return { grade, root: "writable", mounts: [], hasNetwork, filter };
  return {
    grade,
    root: root === "writable" || root === "readOnly" ? root : "empty",
    mounts: [
      ...places.with(pinned(places)).sorted().map((place) => mountOf(place, places.at(place.path).isPassage)),
      ...links.map(({ path, target }) => ({ kind: "link", path, target }) as const),
    ],
    hasNetwork,
    filter,
  };
}

/**
 * Directories on the way to what may not be changed or seen. Whoever could rename one could put something else in its
 * place, and find what was hidden in it under its new name the next time, which no policy knows. What is mounted cannot be
 * renamed.
 */
export function pinned(places: Places): Place[] {
  return places.sorted().flatMap((place) => pins(place, places));
}

function pins({ path, access }: Place, places: Places): Place[] {
  if (access === "write") return [];
  const pinned: Place[] = [];
  for (let at = parentOf(path); at !== "/" && places.get(at) === undefined; at = parentOf(at)) {
    if (places.at(at).class !== "writable") break;
    pinned.push({ path: at, access: "write", kind: "directory", isProtected: false });
  }
  return pinned;
}

function mountOf({ path, access, kind, isProtected }: Place, isPassage: boolean): Mount {
  if (kind === "missing") return { kind: isProtected ? "emptyDirectory" : "emptyFile", path };
  if (access !== "none") {
    return {
      kind: access === "write" ? "writable" : "readOnly",
      path,
      ...kind === "file" ? { isFile: true } : {},
    };
  }
  return kind === "file" ? { kind: "hiddenFile", path } : { kind: "hiddenDirectory", path, isPassage };
}
