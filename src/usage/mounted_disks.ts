import { pathFromBytes } from "../native/path_text.ts";

/** A file system, and where it is mounted. */
export interface MountedDisk {
  readonly path: string;
  readonly type: string;
}

/** File systems that are no disks: they tell of the kernel, or wait to mount another one as soon as they are touched. */
const noDisks = new Set([
  ...["proc", "sysfs", "devpts", "devtmpfs", "mqueue", "cgroup", "cgroup2", "cpuset", "securityfs"],
  ...["debugfs", "tracefs", "configfs", "fusectl", "bpf", "pstore", "efivarfs", "binfmt_misc", "nsfs"],
  ...["autofs", "rpc_pipefs", "nfsd", "hugetlbfs", "selinuxfs", "resctrl", "squashfs", "iso9660", "ramfs"],
  ...["fuse.gvfsd-fuse", "fuse.portal", "fuse.lxcfs"],
]);

/** Where systems keep file systems in memory for themselves. */
const systemPlaces = /^\/(?:dev|run|sys|proc)(?:\/|$)/;

/**
 * The disks in a table of mounts, each once, with the shortest of its paths; touches none of them.
 *
 * @param table what `/proc/self/mountinfo` says
 */
export function mountedDisks(table: Uint8Array): MountedDisk[] {
  const found = new Map<string, MountedDisk>();
  for (const line of pathFromBytes(table).split("\n")) {
    // id parent device root POINT options tags... - TYPE source options
    const fields = line.split(" ");
    const [, , device, , escaped] = fields;
    const type = fields[fields.indexOf("-", 6) + 1];
    if (device === undefined || escaped === undefined || type === undefined || noDisks.has(type)) continue;
    const path = escaped.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)));
    if (type === "tmpfs" && systemPlaces.test(path)) continue;
    const other = found.get(device);
    if (!other || path.length < other.path.length) found.set(device, { path, type });
  }
  return [...found.values()].sort((a, b) => a.path < b.path ? -1 : 1);
}
