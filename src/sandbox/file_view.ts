import { pinned } from "./plan.ts";
import { type Place, type Places, type Verdict } from "./places.ts";
import type { ResolvedPolicy } from "./resolve_policy.ts";
import type { FileSight } from "../host/file_sight.ts";

/** What a policy leaves of this machine's files. Paths are absolute, and no link is on the way to them. */
export class FileView {
  readonly #places: Places;
  readonly #fixed: Places;
  readonly #links: ReadonlySet<string>;

  constructor({ places, links }: Pick<ResolvedPolicy, "places" | "links">) {
    this.#places = places;
    this.#fixed = places.with(pinned(places));
    this.#links = new Set(links.map(({ path }) => path));
  }

  /** What is found there. */
  at(path: string): FileSight {
    // They tell what processes have open and in memory, hidden or not; a confined process sees only its own.
    if (ofProcesses.test(path)) return "nothing";
    const verdict = this.#places.at(path);
    const sight = sightOf(verdict, path);
    return sight === "writable" && isSystem(path, verdict.place) ? "readOnly" : sight;
  }

  /** Whether what is there can be neither removed nor renamed. */
  isFixed(path: string): boolean {
    return path === "/" || this.#fixed.get(path) !== undefined;
  }

  /** Whether a link is to be seen there though nothing else would be, because it leads to something that is open. */
  showsLink(path: string): boolean {
    return this.#links.has(path);
  }
}

function sightOf({ class: found, place, isPlace, isPassage }: Verdict, path: string): FileSight {
  if (place?.kind === "missing") {
    if (!isPlace) return "nothing";
    return place.isProtected ? "emptyDirectory" : "emptyFile";
  }
  if (found === "writable" || found === "readOnly") return found;
  if (isPlace) return isPassage ? "narrowPassage" : "shut";
  return isPassage || path === "/" ? "passage" : "nothing";
}

/** A process's own view of itself, and memory of the kernel and of all. */
const ofProcesses = /^\/proc\/(\d+|self|thread-self|kcore|kmsg)(\/|$)/;

/** What rules the machine and is no file of anybody's: writable only where the policy names it. */
function isSystem(path: string, place: Place | undefined): boolean {
  if (place !== undefined && place.path !== "/") return false;
  return /^\/(proc|sys|dev)(\/|$)/.test(path);
}
