import type { Grade } from "../host/confinement.ts";

/** A policy of confinement as a client means it, in this machine's own terms: native paths, and nothing looked up yet. */

/** What is allowed at a place. `none` hides it. */
export type Access = "read" | "write" | "none";

/** Whether the network may be used: the machine's, or one of its own, which leads nowhere but to a proxy. */
export type NetworkPolicy = "restricted" | "enabled" | "own" | "own, with Unix sockets";

/** A place that the server knows by name. */
export type NamedPlace = "root" | "minimal" | "workspace" | "tmpdir" | "slash_tmp";

/** Where an entry applies. */
export type EntryPlace =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "pattern"; readonly pattern: string }
  /** A path below a named place, or the place itself. */
  | { readonly kind: NamedPlace; readonly subpath?: string | undefined };

/** One line of a policy. */
export interface PolicyEntry {
  readonly place: EntryPlace;
  readonly access: Access;
}

/** Which files may be used. The order of the entries means nothing. */
export interface FilePolicy {
  readonly entries: readonly PolicyEntry[];
  /** What `workspace` stands for. */
  readonly workspaceRoots: readonly string[];
  /** Where relative patterns begin. */
  readonly patternsFrom: string;
  /** How many segments below its fixed part a pattern is looked for; any number by default. */
  readonly patternDepth?: number | undefined;
}

/** A whole policy. */
export interface Policy {
  /** Undefined where every file may be used that the server may use. */
  readonly files: FilePolicy | undefined;
  readonly network: NetworkPolicy;
}

/** What a policy's names stand for beside what the policy says itself. */
export interface Surroundings {
  /** The absolute path that `TMPDIR` of the confined one names; undefined where it names none. */
  readonly temporaryDirectory: string | undefined;
  /** What `~` in a pattern stands for. */
  readonly home: string | undefined;
}

/** The grade of a policy. Decided by what it says, whether or not the places that it names exist. */
export function gradeOf({ files, network }: Policy): Grade {
  if ((files && !opensEverything(files)) || network.startsWith("own")) return "full";
  return network === "restricted" ? "systemCalls" : "none";
}

function opensEverything({ entries }: FilePolicy): boolean {
  const writesRoot = entries.some(({ place, access }) =>
    place.kind === "root" && place.subpath === undefined && access === "write"
  );
  return writesRoot && entries.every(({ place, access }) =>
    // Several entries for the root itself: only `none` beats `write`.
    access === "write" || (access === "read" && place.kind === "root" && place.subpath === undefined)
  );
}
