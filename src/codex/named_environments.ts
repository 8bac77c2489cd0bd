import { join } from "node:path";
import { CONFIG_FILE_BYTES } from "../limits.ts";
import { findCodexHome } from "./codex_home.ts";
import type { CodexHost } from "./codex_host.ts";
import { EnvironmentsFileError, type NamedEnvironments } from "./environments_file.ts";
import { readTextFile, TextFileError } from "./text_file.ts";

/**
 * Reads the user's machines. Where there is no file, there is this machine alone.
 *
 * @throws {EnvironmentsFileError} for a file that cannot be read or followed, in whole or in part
 * @throws {OperationError} FAILED when `CODEX_HOME` names nothing
 */
export async function readNamedEnvironments(host: CodexHost): Promise<NamedEnvironments> {
  const home = await findCodexHome(host);
  const path = join(home, "environments.toml");
  const none = { path, isMissing: true, defaultId: "local", includeLocal: true, environments: [] } as const;
  let text: string;
  try {
    text = await readTextFile(path, CONFIG_FILE_BYTES);
  } catch (error) {
    if (error instanceof TextFileError && error.problem === "missing") return none;
    throw new EnvironmentsFileError(`Cannot read "${path}": ${(error as Error).message}`, { cause: error });
  }
  // Most machines have no such file, and need no parser.
  const { parseNamedEnvironments } = await import("./environments_text.ts");
  return parseNamedEnvironments(text, path, home);
}
