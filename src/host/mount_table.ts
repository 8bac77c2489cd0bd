import { readFileSync } from "node:fs";
import { MOUNT_TABLE_SHARE } from "../limits.ts";
import { pathFromBytes } from "../native/path_text.ts";

/**
 * File systems that this machine's kernel serves from its own memory and disks. Any other is served by another machine
 * or by another program, which may be gone: a call that touches it can wait for ever.
 */
const served = new Set([
  ...[
    "ext2",
    "ext3",
    "ext4",
    "xfs",
    "btrfs",
    "bcachefs",
    "zfs",
    "f2fs",
    "jfs",
    "reiserfs",
    "nilfs2",
    "ubifs",
  ],
  ...["vfat", "msdos", "exfat", "ntfs", "ntfs3", "hfs", "hfsplus", "iso9660", "udf", "squashfs", "erofs"],
  ...["cramfs", "romfs", "overlay", "aufs", "tmpfs", "ramfs", "rootfs", "devtmpfs", "hugetlbfs", "shm"],
  ...[
    "proc",
    "sysfs",
    "devpts",
    "mqueue",
    "cgroup",
    "cgroup2",
    "cpuset",
    "securityfs",
    "selinuxfs",
    "debugfs",
  ],
  ...["tracefs", "configfs", "fusectl", "bpf", "pstore", "efivarfs", "binfmt_misc", "nsfs", "pipefs"],
  ...["rpc_pipefs", "nfsd", "resctrl", "smackfs", "functionfs"],
]);

/**
 * Where file systems are mounted that may not answer.
 *
 * The root directory is never among them: where it does not answer, neither does this program.
 *
 * @param table what `/proc/self/mountinfo` says
 */
export function remoteMounts(table: string): Set<string> {
  const found = new Set<string>();
  for (const line of table.split("\n")) {
    // id parent device root POINT options tags... - TYPE source options
    const fields = line.split(" ");
    const type = fields[fields.indexOf("-", 6) + 1];
    const point = fields[4]?.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)));
    if (point === undefined || type === undefined || point === "/") continue;
    // What is mounted last lies on top.
    if (served.has(type)) found.delete(point);
    else found.add(point);
  }
  return found;
}

/** This machine's remote mounts, as of now. Asking for them touches none of them. */
export class MountTable {
  readonly #read: () => string;
  #changed: (() => boolean) | undefined;
  #remote: ReadonlySet<string> = new Set();
  #freshUntil = 0;

  constructor(read: () => string = readTable) {
    this.#read = read;
  }

  /** Says who can tell, at next to no cost, whether anything was mounted or unmounted since the last call. */
  watchWith(changed: () => boolean): void {
    this.#changed = changed;
    this.#freshUntil = 0;
  }

  /** The mount points of file systems that may not answer. */
  get remote(): ReadonlySet<string> {
    const now = performance.now();
    if (this.#changed?.() ?? now >= this.#freshUntil) this.#freshUntil = 0;
    if (this.#freshUntil > 0) return this.#remote;
    this.#remote = remoteMounts(this.#read());
    // A table of thousands of mounts takes milliseconds.
    this.#freshUntil = now + (performance.now() - now) / MOUNT_TABLE_SHARE;
    return this.#remote;
  }
}

/** The mounts that this program sees. */
export const mountTable: MountTable = new MountTable();

function readTable(): string {
  try {
    return pathFromBytes(readFileSync("/proc/self/mountinfo"));
  } catch {
    return ""; // A system that does not tell: its file systems are taken to answer.
  }
}
