/** Control groups for tests: whether there are any, which a server has made, and some for an ordinary user to make more in. */
import { ownPlaces } from "../../src/runtime/linux/limits/group_places.ts";

const places = Deno.build.os === "linux"
  ? ownPlaces(Deno.readTextFileSync("/proc/self/mountinfo"), Deno.readTextFileSync("/proc/self/cgroup"))
  : undefined;

const all: readonly string[] = [places?.unified, ...places?.separate.values() ?? []]
  .filter((place) => place !== undefined);

/** Whether these tests may make groups that limit memory and processes. */
export const hasGroups: boolean = Deno.build.os === "linux" && Deno.uid() === 0 &&
  limited().length === 3 && limited().every(isWritable);

/** Where groups are limited and counted. */
function limited(): string[] {
  return [...places?.separate.values() ?? []];
}

function isWritable(place: string): boolean {
  const trial = `${place}/exec-server-trial-${Deno.pid}`;
  try {
    Deno.mkdirSync(trial);
    Deno.removeSync(trial);
    return true;
  } catch {
    return false;
  }
}

/** The directories of groups that a server has made, wherever a test has put it. */
export function groupsOf(server: number): string[] {
  const below = (folder: string, depth: number): string[] =>
    entriesOf(folder).flatMap((name) => {
      const path = `${folder}/${name}`;
      const found = name === `exec-server-${server}` || name === `exec-server-${server}-end` ? [path] : [];
      return [...found, ...depth > 0 ? below(path, depth - 1) : []];
    });
  return all.flatMap((place) => below(place, 2));
}

function entriesOf(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].filter(({ isDirectory }) => isDirectory).map(({ name }) => name);
  } catch {
    return []; // It went meanwhile.
  }
}

/** Groups that belong to a user. */
export interface UsersGroups extends Disposable {
  /** What a shell does to go into them. */
  readonly enter: string;
}

/** Makes them, in each hierarchy of version 1 that limits are in. */
export function groupsFor(user: number): UsersGroups {
  const made = limited().map((place) => `${place}/test-${Deno.pid}-${user}`);
  for (const group of made) {
    Deno.mkdirSync(group);
    Deno.chownSync(group, user, user);
    for (const file of ["cgroup.procs", "tasks"]) Deno.chownSync(`${group}/${file}`, user, user);
  }
  return {
    enter: made.map((group) => `echo 0 >${group}/cgroup.procs`).join(" && "),
    [Symbol.dispose]() {
      for (const group of made) Deno.removeSync(group);
    },
  };
}
