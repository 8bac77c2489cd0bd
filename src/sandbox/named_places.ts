import { join } from "node:path";
import type { EntryPlace, FilePolicy, Surroundings } from "./policy.ts";

/** What a program of the system needs to run. */
const minimal = ["/bin", "/etc", "/lib", "/lib64", "/sbin", "/usr"];

/** The paths that an entry stands for; none where its name stands for nothing. Patterns are looked for elsewhere. */
export function pathsOf(
  place: Exclude<EntryPlace, { kind: "pattern" }>,
  { workspaceRoots }: FilePolicy,
  { temporaryDirectory }: Surroundings,
): string[] {
  switch (place.kind) {
    case "path":
      return [place.path];
    case "root":
      return below(["/"], place.subpath);
    case "minimal":
      return below(minimal, place.subpath);
    case "workspace":
      return below(workspaceRoots, place.subpath);
    case "slash_tmp":
      return below(["/tmp"], place.subpath);
    case "tmpdir":
      return below(temporaryDirectory === undefined ? [] : [temporaryDirectory], place.subpath);
  }
}

/** A subpath that leaves its place stands for nothing. */
function below(places: readonly string[], subpath: string | undefined): string[] {
  if (subpath === undefined) return [...places];
  if (subpath.startsWith("/") || subpath.split("/").includes("..")) return [];
  return places.map((place) => join(place, subpath));
}
