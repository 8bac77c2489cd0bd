import type { Grade } from "../host/confinement.ts";
import { resolve } from "node:path";
import { diskNow, type DiskView } from "./disk_view.ts";
import { findMatches } from "./find_matches.ts";
import { type Followed, LinkFollower, type LinkPassed, plain } from "./follow_links.ts";
import { pathsOf } from "./named_places.ts";
import { parsePattern } from "./pattern.ts";
import { type PathClass, Places, strength } from "./places.ts";
import {
  type Access,
  type FilePolicy,
  gradeOf,
  type NetworkPolicy,
  type Policy,
  type Surroundings,
} from "./policy.ts";
import { settled } from "./settled.ts";
import { protectNames } from "./protected_names.ts";
import { UnenforceableError } from "./unenforceable_error.ts";

/** A policy with everything looked up: what it says of each path of this machine as it is now. */
export interface ResolvedPolicy {
  readonly grade: Grade;
  readonly network: NetworkPolicy;
  /** What applies where no place does: `absent` where the policy has no entry for the root. */
  readonly root: PathClass;
  /** What applies to each path. Everything is writable below the grade `full`. */
  readonly places: Places;
  /** Links that lead to what is visible where the root is absent, so that programs find it by its usual path. */
  readonly links: readonly LinkPassed[];
}

/** An entry's path, followed. */
interface Candidate {
  readonly named: string;
  readonly access: Access;
  readonly followed: Followed;
}

/**
 * Looks up what a policy names.
 *
 * @throws {UnenforceableError} that says what of it cannot be obeyed
 */
export async function resolvePolicy(
  policy: Policy,
  surroundings: Surroundings,
  disk: DiskView = diskNow(),
): Promise<ResolvedPolicy> {
  const grade = gradeOf(policy);
  const { files, network } = policy;
  if (grade !== "full" || !files) {
    return { grade, network, root: "writable", places: new Places("writable"), links: [] };
  }
  const follower = new LinkFollower(disk);
  const candidates = await findCandidates(files, surroundings, disk, follower);
  const root = rootClass(candidates);
  const all = new Places(root);
  for (const { access, followed: { path, kind } } of candidates) {
    if (path === "/" || (kind !== "directory" && kind !== "file")) continue;
    all.add({ path, access, kind, isProtected: false });
  }
  // One that is named to be written to is not protected, though it be missing.
  const lifted = new Set(candidates.filter(({ access }) => access === "write").map(({ named }) => named));
  await protectNames(all, lifted, disk, follower);
  const places = effectiveOf(all, root);
  for (const candidate of candidates) keepFromBeingMade(candidate, places);
  for (const candidate of candidates) refuseWritableLinks(candidate, places);
  return { grade, network, root, places, links: linksTo(candidates, places) };
}

/** @throws {UnenforceableError} for a pattern that is to open something, and a TMPDIR that is not there */
async function findCandidates(
  files: FilePolicy,
  surroundings: Surroundings,
  disk: DiskView,
  follower: LinkFollower,
): Promise<Candidate[]> {
  const named: { path: string; access: Access; mustExist: boolean }[] = [];
  for (const { place, access } of files.entries) {
    if (place.kind === "pattern") {
      if (access !== "none") {
        throw new UnenforceableError(`the pattern ${place.pattern} cannot give access: name paths`);
      }
      const found = await matches(place.pattern, files, surroundings, disk, follower);
      for (const path of found) named.push({ path, access, mustExist: false });
      continue;
    }
    const given = place.kind === "minimal" && access === "write" ? "read" : access;
    for (const path of pathsOf(place, files, surroundings)) {
      named.push({ path: plain(path), access: given, mustExist: place.kind === "tmpdir" });
    }
  }
  const followed = await settled(named.map(({ path }) => follower.follow(path)));
  return named.map(({ path, access, mustExist }, index) => {
    const found = followed[index]!;
    if (mustExist && found.kind === "missing") {
      throw new UnenforceableError(`TMPDIR names ${path}, which does not exist: make it`);
    }
    return { named: path, access, followed: found };
  });
}

async function matches(
  pattern: string,
  { patternsFrom, patternDepth }: FilePolicy,
  { home }: Surroundings,
  disk: DiskView,
  follower: LinkFollower,
): Promise<string[]> {
  const found = parsePattern(pattern, patternsFrom, home).map(async (parsed) => {
    const { path, kind } = await follower.follow(parsed.base);
    if (kind !== "directory") return [];
    const below = await findMatches(disk, { ...parsed, base: path }, patternDepth);
    // As they were named, so that a link on the way there is seen.
    return below.map((match) => resolve(parsed.base, match.slice(path === "/" ? 1 : path.length + 1)));
  });
  return (await Promise.all(found)).flat();
}

function rootClass(candidates: readonly Candidate[]): PathClass {
  const accesses = candidates.filter(({ followed }) => followed.path === "/").map(({ access }) => access);
  const [strongest] = accesses.sort((one, other) => strength[other] - strength[one]);
  if (strongest === undefined) return "absent";
  return ({ write: "writable", read: "readOnly", none: "denied" } as const)[strongest];
}

/** What is missing and may not be made has to be kept from being made; what would be writable is there or is not. */
function keepFromBeingMade({ access, followed: { missing } }: Candidate, places: Places): void {
  if (missing === undefined || access === "write" || places.get(missing)) return;
  if (places.around(missing) !== "writable") return;
  places.add({ path: missing, access, kind: "missing", isProtected: false });
}

/**
 * Whoever may write where a link lies can lead it elsewhere: to where the access that it was to lose is not lost, or to what
 * the next process is to be let write to.
 */
function refuseWritableLinks({ named, access, followed }: Candidate, places: Places): void {
  const link = followed.links.find(({ path }) => places.at(path).class === "writable");
  if (!link || (access === "write" && opensNothing(followed, places))) return;
  const what = ({ none: "be kept hidden", read: "be kept read only", write: "be opened" } as const)[access];
  throw new UnenforceableError(
    `${named} cannot ${what}, because the link ${link.path} on the ` +
      "way there could be changed: name what it leads to, or do not let its directory be written to",
  );
}

function opensNothing({ kind, path }: Followed, places: Places): boolean {
  return kind === "missing" || kind === "unreachable" || places.around(path) === "writable";
}

/** The places that change anything. Below what is hidden only `write` opens something. */
function effectiveOf(all: Places, root: PathClass): Places {
  const effective = new Places(root);
  for (const place of all.sorted()) {
    const around = effective.around(place.path);
    const changes = {
      // Also below another: what is mounted can be neither renamed nor removed, with all that is protected in it.
      write: true,
      read: around === "writable" || around === "absent",
      none: around === "writable" || around === "readOnly",
    };
    if (changes[place.access]) effective.add(place);
  }
  return effective;
}

function linksTo(candidates: readonly Candidate[], places: Places): LinkPassed[] {
  const links = new Map<string, LinkPassed>();
  for (const { access, followed } of candidates) {
    if (access === "none" || followed.kind === "missing") continue;
    for (const link of followed.links) {
      if (places.at(link.path).class === "absent") links.set(link.path, link);
    }
  }
  return [...links.values()];
}
