/** The files of control groups, which look like files and are calls of the kernel: none waits for a disk. */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { kill } from "node:process";

/** A number of a file that has one alone, or one behind each name; undefined where there is none. */
export function readNumber(group: string, file: string, name?: string): number | undefined {
  try {
    const text = readFileSync(`${group}/${file}`, "utf8");
    const found = name === undefined ? /^(\d+)/.exec(text) : new RegExp(`^${name} (\\d+)$`, "m").exec(text);
    return found ? Number(found[1]) : undefined;
  } catch {
    return undefined;
  }
}

/** The words of a file; none where it cannot be read. */
export function readWords(group: string, file: string): string[] {
  try {
    return readFileSync(`${group}/${file}`, "utf8").split(/\s+/).filter((word) => word !== "");
  } catch {
    return [];
  }
}

/** @throws {Error} the operating system's */
export function writeGroupFile(group: string, file: string, value: string | number): void {
  writeFileSync(`${group}/${file}`, String(value));
}

/** The same for what may not be there. */
export function tryWriteGroupFile(group: string, file: string, value: string | number): boolean {
  try {
    writeGroupFile(group, file, value);
    return true;
  } catch {
    return false;
  }
}

/** @throws {Error} the operating system's */
export function makeGroup(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o755 });
}

/** Removes a group and those below it; false where somebody is still in one of them. */
export function removeGroup(path: string): boolean {
  for (const below of groupsBelow(path)) removeGroup(below);
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}

/** Kills everything in a group and in those below it. */
export function killGroup(path: string): void {
  // By one call, where there is such a file.
  if (tryWriteGroupFile(path, "cgroup.kill", 1)) return;
  // Nothing is born any more while the others die, where births are counted.
  const most = readWords(path, "pids.max")[0];
  if (most !== undefined) tryWriteGroupFile(path, "pids.max", 0);
  for (const pid of readWords(path, "cgroup.procs").map(Number)) killOne(pid);
  for (const below of groupsBelow(path)) killGroup(below);
}

function groupsBelow(path: string): string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${path}/${name}`);
  } catch {
    return [];
  }
}

function killOne(pid: number): void {
  try {
    if (pid > 0) kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
