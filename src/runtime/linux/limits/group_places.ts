/** Where this program may make control groups, as the kernel tells it. */
import { readFileSync } from "node:fs";

/** What is counted and limited by groups. */
export type Controller = "memory" | "pids" | "cpuacct";

/** Directories of this program's own groups. */
export interface GroupPlaces {
  /** In the one hierarchy of version 2. */
  readonly unified: string | undefined;
  /** In the hierarchies of version 1, which has one for each controller or several. */
  readonly separate: ReadonlyMap<Controller, string>;
}

const controllers: readonly Controller[] = ["memory", "pids", "cpuacct"];

interface Mount {
  /** Which group stands at its top. */
  readonly root: string;
  readonly path: string;
  readonly type: string;
  readonly options: readonly string[];
}

/**
 * Those that this program may make groups in.
 *
 * @param mayWrite whether it may write to a directory. The kernel is to say so: bits of its mode mean nothing for root.
 */
export function writablePlaces(mayWrite: (path: string) => boolean): GroupPlaces {
  const { unified, separate } = ownPlaces(read("/proc/self/mountinfo"), read("/proc/self/cgroup"));
  return {
    unified: unified !== undefined && mayWrite(unified) ? unified : undefined,
    separate: new Map([...separate].filter(([, path]) => mayWrite(path))),
  };
}

/**
 * Those that this program is in.
 *
 * @param mountinfo what `/proc/self/mountinfo` says
 * @param own what `/proc/self/cgroup` says
 */
export function ownPlaces(mountinfo: string, own: string): GroupPlaces {
  const mounts = mountinfo.split("\n").map(mountOf).filter((mount) => mount !== undefined);
  let unified: string | undefined;
  const separate = new Map<Controller, string>();
  for (const line of own.split("\n")) {
    const [, names = "", path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    if (names === "") unified = placeIn(mounts.find(({ type }) => type === "cgroup2"), path);
    for (const controller of controllers) {
      if (!names.split(",").includes(controller)) continue;
      const mount = mounts.find(({ type, options }) => type === "cgroup" && options.includes(controller));
      const place = placeIn(mount, path);
      if (place !== undefined) separate.set(controller, place);
    }
  }
  return { unified, separate };
}

/** Where a group lies that a mount may not show at all. */
function placeIn(mount: Mount | undefined, group: string): string | undefined {
  if (!mount) return undefined;
  const root = mount.root === "/" ? "" : mount.root;
  if (group !== root && !group.startsWith(`${root}/`)) return undefined;
  // Outside of what this program's namespace shows.
  if (group.split("/").includes("..")) return undefined;
  return `${mount.path}${group.slice(root.length)}`.replace(/\/$/, "");
}

/** number, parent, device, root, path, options, more options, "-", type, source, options of the file system */
function mountOf(line: string): Mount | undefined {
  const [before, after] = line.split(" - ");
  const [, , , root, path] = before?.split(" ") ?? [];
  const [type, , options = ""] = after?.split(" ") ?? [];
  if (root === undefined || path === undefined || type === undefined) return undefined;
  return { root: unescaped(root), path: unescaped(path), type, options: options.split(",") };
}

/** Blanks and backslashes are written by their number. */
function unescaped(path: string): string {
  return path.replace(/\\(\d{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)));
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
