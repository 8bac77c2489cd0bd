import { readFile, statfs } from "node:fs/promises";
import { hostOs } from "../host/facts.ts";
import { type CallShare, waitingCalls } from "../host/waiting_calls.ts";
import { USAGE_DISK_MS, USAGE_DISKS } from "../limits.ts";
import { pathToBytes } from "../native/path_text.ts";
import type { DiskUsage } from "./machine_usage.ts";
import { type MountedDisk, mountedDisks } from "./mounted_disks.ts";

/** What is asked of a file system. */
type Sizes = Pick<DiskUsage, "total" | "available">;

const silent: Sizes = { total: null, available: null };

/**
 * Looks how full disks are. One that does not answer has one call under way, however often it is looked at and by
 * whomever: it takes one thread of the program, and a second of the first look.
 */
export class DiskLooks {
  readonly #calls: CallShare;
  readonly #ask: (disk: MountedDisk) => Promise<Sizes>;
  readonly #underWay = new Map<string, Promise<Sizes>>();
  /** Those whose call has taken too long already. */
  readonly #late = new Set<string>();

  /** @param ask what may never answer */
  constructor(calls: CallShare = waitingCalls.share(), ask: (disk: MountedDisk) => Promise<Sizes> = sizesOf) {
    this.#calls = calls;
    this.#ask = ask;
  }

  /** How full they are, after `USAGE_DISK_MS` at the latest. */
  look(disks: readonly MountedDisk[]): Promise<DiskUsage[]> {
    return Promise.all(disks.map(async (disk) => ({ ...disk, ...await this.#look(disk) })));
  }

  #look(disk: MountedDisk): Promise<Sizes> | Sizes {
    const { path } = disk;
    if (this.#late.has(path)) return silent;
    return within(this.#sizes(disk), USAGE_DISK_MS, () => {
      if (this.#underWay.has(path)) this.#late.add(path);
      return silent;
    });
  }

  #sizes(disk: MountedDisk): Promise<Sizes> {
    const { path } = disk;
    const before = this.#underWay.get(path);
    if (before) return before;
    const asked = this.#calls.run(() => this.#ask(disk), path);
    const sizes = asked.catch(() => silent).finally(() => {
      this.#underWay.delete(path);
      this.#late.delete(path);
    });
    this.#underWay.set(path, sizes);
    return sizes;
  }
}

/** Those of this program: its threads are the runtime's. */
export const diskLooks = new DiskLooks();

/** The disks of this machine, as far as they are told of. */
export async function theseDisks(): Promise<readonly MountedDisk[]> {
  if (hostOs === "windows") return [];
  if (hostOs === "macos") return [{ path: "/", type: "apfs" }];
  return mountedDisks(await readFile("/proc/self/mountinfo")).slice(0, USAGE_DISKS);
}

/** What comes, or after some time what stands for it. */
function within<Value>(coming: Promise<Value>, ms: number, otherwise: () => Value): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(otherwise()), ms);
    coming.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

async function sizesOf({ path }: MountedDisk): Promise<Sizes> {
  const { bsize, blocks, bavail } = await statfs(Buffer.from(pathToBytes(path)));
  return { total: bsize * blocks, available: bsize * bavail };
}
