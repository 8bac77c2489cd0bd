import { join } from "node:path";
import { osErrorCode } from "../native/os_errors.ts";
import { type CapabilityFiles, machineFiles } from "./capability_files.ts";

/** A plugin in the user's plugin cache. */
export interface InstalledPlugin {
  /** `name@marketplace`. */
  readonly id: string;
  readonly version: string;
  /** The directory of that version. */
  readonly root: string;
}

const nameShape = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;
const versionShape = /^[A-Za-z0-9._+-]+$/;

/**
 * The plugins in `CODEX_HOME/plugins/cache/MARKETPLACE/NAME/VERSION`, one version of each, by id. Whether the user's
 * configuration turns them on is the client's business.
 *
 * @param onFailure hears of directories that are there and cannot be looked into
 * @param files those in which they are looked for
 */
export async function findInstalledPlugins(
  codexHome: string,
  onFailure: (path: string, error: unknown) => void = () => {},
  files: CapabilityFiles = machineFiles(),
): Promise<InstalledPlugin[]> {
  const cache = join(codexHome, "plugins", "cache");
  const plugins: InstalledPlugin[] = [];
  const directoriesIn = (path: string, shape: RegExp) => listDirectories(path, shape, onFailure, files);
  for (const marketplace of await directoriesIn(cache, nameShape)) {
    for (const name of await directoriesIn(join(cache, marketplace), nameShape)) {
      const directory = join(cache, marketplace, name);
      const version = currentVersion(await directoriesIn(directory, versionShape));
      if (version === undefined) continue;
      plugins.push({ id: `${name}@${marketplace}`, version, root: join(directory, version) });
    }
  }
  return plugins.sort((a, b) => a.id < b.id ? -1 : 1);
}

/** The version that counts: a local one, else the newest. */
export function currentVersion(versions: readonly string[]): string | undefined {
  if (versions.includes("local")) return "local";
  return versions.toSorted(compareVersions).at(-1);
}

async function listDirectories(
  path: string,
  shape: RegExp,
  onFailure: (path: string, error: unknown) => void,
  files: CapabilityFiles,
): Promise<string[]> {
  const { entries } = await files.list(path, Infinity).catch((error) => {
    if (!isAbsence(error)) onFailure(path, error);
    return { entries: [] };
  });
  const directories: string[] = [];
  for (const entry of entries) {
    if (!shape.test(entry.name)) continue;
    const isOne = entry.kind === "link"
      ? await isDirectory(join(path, entry.name), onFailure, files)
      : entry.kind === "directory";
    if (isOne) directories.push(entry.name);
  }
  return directories.sort();
}

/** Whether a path leads to a directory; `onFailure` hears why that cannot be told. */
export async function isDirectory(
  path: string,
  onFailure: (path: string, error: unknown) => void,
  files: CapabilityFiles = machineFiles(),
): Promise<boolean> {
  try {
    return await files.isDirectory(path);
  } catch (error) {
    if (!isAbsence(error)) onFailure(path, error);
    return false;
  }
}

function isAbsence(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "ELOOP"].includes(osErrorCode(error) ?? "");
}

/** Two semantic versions by their rules, anything else by its text. */
function compareVersions(a: string, b: string): number {
  const [first, second] = [semanticVersion(a), semanticVersion(b)];
  if (!first || !second) return a < b ? -1 : a > b ? 1 : 0;
  for (const index of [0, 1, 2] as const) {
    if (first.numbers[index] !== second.numbers[index]) return first.numbers[index]! - second.numbers[index]!;
  }
  if (first.early !== second.early) {
    // What has no pre-release part comes after what has one.
    if (first.early === "" || second.early === "") return first.early === "" ? 1 : -1;
    return first.early.localeCompare(second.early, "en", { numeric: true });
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

function semanticVersion(version: string): { numbers: number[]; early: string } | undefined {
  const parts = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(version);
  return parts ? { numbers: parts.slice(1, 4).map(Number), early: parts[4] ?? "" } : undefined;
}
