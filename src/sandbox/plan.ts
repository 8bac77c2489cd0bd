import type { Place } from "./places.ts";
import type { Grade } from "./policy.ts";
import type { ResolvedPolicy } from "./resolve_policy.ts";

/** Something that is mounted in the confined one's own view of the files. Each covers what stands before it. */
export type Mount =
  /** The machine's own file or directory. */
  | { readonly kind: "writable" | "readOnly"; readonly path: string }
  /** An empty directory that may not be listed, or an empty file that may not be read. */
  | { readonly kind: "hiddenFile"; readonly path: string }
  /** `isPassage`: it may be passed, because something below it is open. */
  | { readonly kind: "hiddenDirectory"; readonly path: string; readonly isPassage: boolean }
  /** What stands where nothing may be made. */
  | { readonly kind: "emptyFile" | "emptyDirectory"; readonly path: string }
  /** A symbolic link. */
  | { readonly kind: "link"; readonly path: string; readonly target: string };

/** Which system calls are refused. */
export type FilterName =
  /** Those that reach any network, Unix sockets included. */
  | "noNetwork"
  /** Those that lead around the sandbox. */
  | "network";

/** What is to be done to confine a process: data for whoever does it. */
export interface Plan {
  readonly grade: Grade;
  /** What there is where nothing is mounted: the machine's files, or nothing. */
  readonly root: "readOnly" | "writable" | "empty";
  /** In the order in which they are made. */
  readonly mounts: readonly Mount[];
  /** Whether it keeps the machine's network. */
  readonly hasNetwork: boolean;
  readonly filter: FilterName | undefined;
}

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
