import type { Stats } from "node:fs";
import { MISSING_PATHS, WATCH_POLL_MS } from "../limits.ts";
import { osErrorCode } from "../native/os_errors.ts";
import type { ChangeListener } from "../host/directory_notifier.ts";
import { watchDirectory } from "./directory_watch.ts";
import type { Disk } from "./disk.ts";
import { bornIdentityOf } from "./entry.ts";
import { join, parentOf, splitPath } from "./paths.ts";

/** What a client waits for. Null stands for a path that cannot be on this machine. */
export interface MissingWatchRequest {
  /** Greater than every one before of the client. */
  readonly watchId: number | bigint;
  /** Paths that do not exist. */
  readonly missing: readonly (string | null)[];
  /** A path that does, and whose changes count, too. */
  readonly present?: string | null | undefined;
}

/**
 * The one watch of a client for paths to come into being. It fires at most once, and may fire without reason: its
 * meaning is that it is time to look again.
 *
 * Every directory on the way to a path is watched for the next name of the way, so that one that is moved, replaced or
 * made is noticed. Ways through links are not watched.
 */
export class MissingWatch implements Disposable {
  readonly #disk: Disk;
  readonly #notify: (watchId: number | bigint) => void;
  #lastId: number | bigint = -1;
  #current: Disposable | undefined;

  /** @param notify called with the watch's id when it fires; never before `watch` has answered */
  constructor(disk: Disk, notify: (watchId: number | bigint) => void) {
    this.#disk = disk;
    this.#notify = notify;
  }

  /**
   * Replaces the watch. The answer is false, and there is then none, when the list is empty or too long, a path of it
   * exists, `present` does not, or one of them cannot be watched; and when the id is not a new one, in which case
   * nothing changes.
   */
  async watch({ watchId, missing, present }: MissingWatchRequest): Promise<boolean> {
    if (watchId <= this.#lastId) return false;
    this.#lastId = watchId;
    // Closed at the end only: a directory that both watch need not be opened anew.
    using _former = this.#take();
    if (missing.length === 0 || missing.length > MISSING_PATHS) return false;
    const watch = await this.#open(watchId, missing, present);
    if (watch && this.#lastId === watchId) {
      this.#current = watch;
      return true;
    }
    watch?.[Symbol.dispose]();
    return false;
  }

  /** Ends the watch, and refuses all further ones. */
  [Symbol.dispose](): void {
    this.#lastId = Infinity;
    this.#take()?.[Symbol.dispose]();
  }

  #take(): Disposable | undefined {
    const current = this.#current;
    this.#current = undefined;
    return current;
  }

  async #open(
    watchId: number | bigint,
    missing: readonly (string | null)[],
    present: string | null | undefined,
  ): Promise<Disposable | undefined> {
    const find = () => findNames(this.#disk, missing, present);
    const names = await find();
    if (!names) return undefined;
    using watches = new Watches();
    let fired = false;
    const fire = () => {
      fired = true;
      if (this.#lastId !== watchId || !this.#current) return;
      this.#take()?.[Symbol.dispose]();
      this.#notify(watchId);
    };
    const notifier = this.#disk.notifier();
    if (!notifier) watches.add(await pollNames(this.#disk, names, find, present ?? undefined, fire));
    const presentIn = present ? parentOf(present) : undefined;
    for (const [directory, awaited] of notifier ? names : []) {
      const listener: ChangeListener = (name) => {
        if (!name || awaited.has(name)) fire();
      };
      const heard = directory === presentIn ? "contents" : "names";
      const watch = await watchDirectory(this.#disk, notifier!, directory, heard, listener)
        .catch(() => undefined);
      if (!watch) return undefined;
      watches.add(watch);
    }
    // What happened before everything was watched shows in a second look.
    if (!sameNames(names, await find()) || fired) return undefined;
    return watches.move();
  }
}

/** Watches that end together. */
class Watches implements Disposable {
  #watches: Disposable[] = [];

  add(watch: Disposable): void {
    this.#watches.push(watch);
  }

  /** Hands them over, so that they outlive this. */
  move(): Watches {
    const moved = new Watches();
    [moved.#watches, this.#watches] = [this.#watches, []];
    return moved;
  }

  [Symbol.dispose](): void {
    for (const watch of this.#watches.splice(0)) watch[Symbol.dispose]();
  }
}

/** For each directory to watch, the names in it that count. */
type AwaitedNames = Map<string, Set<string>>;

async function findNames(
  disk: Disk,
  missing: readonly (string | null)[],
  present: string | null | undefined,
): Promise<AwaitedNames | undefined> {
  const names: AwaitedNames = new Map();
  for (const path of missing) {
    if (path === null || await follow(disk, path, names) !== "missing") return undefined;
  }
  if (present !== undefined && (present === null || await follow(disk, present, names) !== "present")) {
    return undefined;
  }
  for (const directory of names.keys()) {
    if (!await canWatch(disk, directory)) return undefined;
  }
  return names;
}

/** Notes the names on the way to a path, up to the first that does not exist. */
async function follow(
  disk: Disk,
  path: string,
  names: AwaitedNames,
): Promise<"missing" | "present" | "unknown"> {
  const { root, names: way } = splitPath(path);
  let directory = root;
  for (const [index, name] of way.entries()) {
    const awaited = names.get(directory) ?? new Set();
    names.set(directory, awaited.add(name));
    directory = join(directory, name);
    try {
      const stats = await disk.lstat(directory);
      if (stats.isSymbolicLink()) return "unknown";
      if (!stats.isDirectory() && index < way.length - 1) return "unknown";
    } catch (error) {
      return osErrorCode(error) === "ENOENT" ? "missing" : "unknown";
    }
  }
  return "present";
}

/** Looks now and then at what is waited for, where nothing is heard. */
async function pollNames(
  disk: Disk,
  names: AwaitedNames,
  find: () => Promise<AwaitedNames | undefined>,
  present: string | undefined,
  fire: () => void,
): Promise<Disposable> {
  const mark = async () => present && markOf(await disk.lstat(present));
  const former = await mark();
  let timer: ReturnType<typeof setTimeout>;
  let isOver = false;
  const look = async () => {
    const isSame = await Promise.all([find(), mark()]).then(
      ([found, now]) => sameNames(names, found) && now === former,
      () => false,
    );
    if (isOver) return;
    if (!isSame) return fire();
    timer = setTimeout(look, WATCH_POLL_MS);
  };
  timer = setTimeout(look, WATCH_POLL_MS);
  return {
    [Symbol.dispose]: () => {
      isOver = true;
      clearTimeout(timer);
    },
  };
}

function markOf(stats: Stats): string {
  return [bornIdentityOf(stats), stats.mode, stats.size, stats.mtimeMs, stats.ctimeMs].join(":");
}

function sameNames(one: AwaitedNames, other: AwaitedNames | undefined): boolean {
  const text = (names: AwaitedNames | undefined) =>
    JSON.stringify([...names ?? []].map(([directory, awaited]) => [directory, ...awaited]));
  return text(one) === text(other);
}

/** File systems on which changes are not told: those of the kernel, and those that others change from elsewhere. */
const silentFileSystems: ReadonlySet<number> = new Set([
  0x9fa0, // proc
  0x62656572, // sysfs
  0x64626720, // debugfs
  0x27e0eb, // cgroup
  0x63677270, // cgroup2
  0x6969, // nfs
  0x517b, // smb
  0xfe534d42, // smb2
  0xff534d42, // cifs
  0x01021997, // 9p
  0x65735546, // fuse
]);

async function canWatch(disk: Disk, directory: string): Promise<boolean> {
  return await disk.fileSystemType(directory).then((type) => !silentFileSystems.has(type), () => false);
}
