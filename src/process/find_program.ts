import { accessSync, constants, statSync } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join, resolve, sep } from "node:path";
import { setImmediate } from "node:timers/promises";
import { ARGUMENT_BYTES, PATH_FOLDERS } from "../limits.ts";
import { remoteMountOf } from "../host/remote_path.ts";
import { osErrorCode } from "../native/os_errors.ts";
import { pathToBytes } from "../native/path_text.ts";
import type { Variables } from "./child_environment.ts";

/** Where programs are looked for when the child has no PATH: what the C library does. */
const defaultPath = "/bin:/usr/bin";

/**
 * The absolute path of a program, found as `execvp` does: a name with a slash is a path from `cwd`, any other is looked
 * for in the child's own PATH. Undefined where that may take long: see {@linkcode findProgramInTime}.
 *
 * @throws {Error} with `code`, such as ENOENT, EACCES or E2BIG
 */
export function findProgramAtOnce(name: string, cwd: string, env: Variables): string | undefined {
  const search = new Search(name);
  for (const [index, path] of places(name, cwd, env).entries()) {
    if (index >= PATH_FOLDERS || remoteMountOf(path) !== undefined) return undefined;
    if (search.isFound(refuseProgram(path))) return path;
  }
  throw search.failure();
}

/**
 * The same; others have their turns while it looks, and no thread but one of the runtime's waits for a file system.
 *
 * @throws {Error} with `code`, such as ENOENT, EACCES or E2BIG
 */
export async function findProgramInTime(name: string, cwd: string, env: Variables): Promise<string> {
  const search = new Search(name);
  for (const [index, path] of places(name, cwd, env).entries()) {
    if (index % PATH_FOLDERS === PATH_FOLDERS - 1) await setImmediate();
    const isRemote = remoteMountOf(path) !== undefined;
    if (search.isFound(isRemote ? await refuseProgramInTime(path) : refuseProgram(path))) return path;
  }
  throw search.failure();
}

/**
 * Checks that a directory can be started in; false where asking for it may take long.
 *
 * @throws {Error} with `code` ENOENT, ENOTDIR or EACCES
 */
export function checkDirectoryAtOnce(path: string): boolean {
  if (remoteMountOf(path) !== undefined) return false;
  if (!path.isWellFormed()) return true; // Only the start itself can name it.
  if (!statSync(path).isDirectory()) throw osError("ENOTDIR");
  accessSync(path, constants.X_OK);
  return true;
}

/**
 * The same, in its own time.
 *
 * @throws {Error} with `code` ENOENT, ENOTDIR or EACCES
 */
export async function checkDirectoryInTime(path: string): Promise<void> {
  if (checkDirectoryAtOnce(path)) return;
  if (!(await stat(path)).isDirectory()) throw osError("ENOTDIR");
  await access(path, constants.X_OK);
}

/** What came of the places that were looked at. */
class Search {
  readonly #name: string;
  #refusal = "ENOENT";

  constructor(name: string) {
    this.#name = name;
  }

  isFound(refusal: string | undefined): boolean {
    if (refusal === undefined) return true;
    // A name with a slash is in one place; elsewhere one that may not be run says more than one that is missing.
    if (hasSlash(this.#name) || refusal === "EACCES") this.#refusal = refusal;
    return false;
  }

  failure(): Error {
    return osError(this.#refusal);
  }
}

/**
 * Where a program may be, first place first and none twice.
 *
 * @throws {Error} with `code` E2BIG for a PATH that no program could be given
 */
function places(name: string, cwd: string, env: Variables): string[] {
  if (hasSlash(name)) return [resolve(cwd, name)];
  const path = env.PATH ?? defaultPath;
  // Only a text that may be so long is measured.
  if (path.length * 3 >= ARGUMENT_BYTES && pathToBytes(path).length >= ARGUMENT_BYTES) throw osError("E2BIG");
  return [...new Set(path.split(delimiter))].map((folder) => join(resolve(cwd, folder), name));
}

function hasSlash(name: string): boolean {
  return name.includes("/") || name.includes(sep);
}

/** Why a path cannot be run, or undefined where it can. */
function refuseProgram(path: string): string | undefined {
  if (!path.isWellFormed()) return undefined; // Only the start itself can name it.
  try {
    // Checked here, not left to the start, because a runtime reports a missing program and a missing cwd alike.
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) return "ENOENT";
    if (!found.isFile()) return "EACCES";
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (error) {
    return osErrorCode(error) ?? "ENOENT";
  }
}

async function refuseProgramInTime(path: string): Promise<string | undefined> {
  try {
    if (!(await stat(path)).isFile()) return "EACCES";
    await access(path, constants.X_OK);
    return undefined;
  } catch (error) {
    return osErrorCode(error) ?? "ENOENT";
  }
}

function osError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
