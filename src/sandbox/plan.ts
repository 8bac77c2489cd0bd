import type { Mount, Plan } from "../host/confinement.ts";
import type { Place } from "./places.ts";
import type { ResolvedPolicy } from "./resolve_policy.ts";

/** The plan that obeys a policy. */
export function planOf({ grade, network, root, places, links }: ResolvedPolicy): Plan {
  const hasNetwork = network === "enabled";
  const filter = grade === "none" ? undefined : hasNetwork ? "network" : "noNetwork";
  if (grade !== "full") return { grade, root: "writable", mounts: [], hasNetwork, filter };
  return {
    grade,
    root: root === "writable" || root === "readOnly" ? root : "empty",
    mounts: [
      ...places.sorted().map((place) => mountOf(place, places.at(place.path).isPassage)),
      ...links.map(({ path, target }) => ({ kind: "link", path, target }) as const),
    ],
    hasNetwork,
    filter,
  };
}

function mountOf({ path, access, kind, isProtected }: Place, isPassage: boolean): Mount {
  if (kind === "missing") return { kind: isProtected ? "emptyDirectory" : "emptyFile", path };
  if (access === "write") return { kind: "writable", path };
  if (access === "read") return { kind: "readOnly", path };
  return kind === "file" ? { kind: "hiddenFile", path } : { kind: "hiddenDirectory", path, isPassage };
}
