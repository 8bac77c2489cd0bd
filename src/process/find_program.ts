import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join, resolve, sep } from "node:path";
import { osErrorCode } from "../protocol/os_errors.ts";
import type { Environment } from "./child_environment.ts";

/** Where programs are looked for when the child has no PATH: what the C library does. */
const defaultPath = "/bin:/usr/bin";

/**
 * The absolute path of a program, found as `execvp` does: a name with a slash is a path from `cwd`, any other is looked
 * for in the child's own PATH.
 *
 * @throws {Error} with `code` ENOENT or EACCES
 */
export function findProgram(name: string, cwd: string, env: Environment): string {
  if (name.includes("/") || name.includes(sep)) {
    const path = resolve(cwd, name);
    const refusal = refuseProgram(path);
    if (refusal) throw osError(refusal);
    return path;
  }
  let refused = "ENOENT";
  for (const folder of (env.PATH ?? defaultPath).split(delimiter)) {
    const path = join(resolve(cwd, folder), name);
    const refusal = refuseProgram(path);
    if (!refusal) return path;
    if (refusal === "EACCES") refused = refusal;
  }
  throw osError(refused);
}

/** Why a path cannot be run, or undefined where it can. */
function refuseProgram(path: string): string | undefined {
  try {
    // Checked here, not left to the start, because a runtime reports a missing program and a missing cwd alike.
    if (!statSync(path).isFile()) return "EACCES";
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (error) {
    return osErrorCode(error) ?? "ENOENT";
  }
}

/**
 * Checks that a directory can be started in.
 *
 * @throws {Error} with `code` ENOENT, ENOTDIR or EACCES
 */
export function checkDirectory(path: string): void {
  if (!statSync(path).isDirectory()) throw osError("ENOTDIR");
  accessSync(path, constants.X_OK);
}

function osError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
