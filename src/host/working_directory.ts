import { cwd } from "node:process";

/**
 * The directory this program stands in.
 *
 * @throws {Error} that says what to do, where it was removed
 */
export function workingDirectory(): string {
  try {
    return cwd();
  } catch (error) {
    const text = "The directory this program was started in is gone: say where to run, or start it elsewhere";
    throw new Error(text, { cause: error });
  }
}

/** The same, or undefined where it was removed. */
export function findWorkingDirectory(): string | undefined {
  try {
    return cwd();
  } catch {
    return undefined;
  }
}
