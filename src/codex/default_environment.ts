import { readFile, realpath, stat } from "node:fs/promises";
import { failureText } from "../native/os_errors.ts";
import { EnvironmentsFileError } from "./environments_file.ts";
import { parseNamedEnvironments } from "./environments_text.ts";
import { replaceFile } from "./replace_file.ts";
import { lineOfKey } from "./toml_lines.ts";

/**
 * Makes another machine the default one of a file, and leaves everything else in it as it is.
 *
 * @throws {EnvironmentsFileError} where it cannot be written, or where it says its default in a way that is not understood
 */
export async function setDefaultEnvironment(path: string, home: string, id: string): Promise<void> {
  try {
    const real = await realpath(path); // A link to it stays one.
    const changed = withDefault(await readFile(real, "utf8"), path, id);
    if (parseNamedEnvironments(changed, path, home).defaultId !== (id === "none" ? undefined : id)) {
      throw cannotChange(path);
    }
    await replaceFile(real, changed, (await stat(real)).mode & 0o777);
  } catch (error) {
    if (error instanceof EnvironmentsFileError) throw error;
    throw new EnvironmentsFileError(`Cannot change "${path}": ${failureText(error)}`, { cause: error });
  }
}

/** The text of a file with another default. */
function withDefault(text: string, path: string, id: string): string {
  const line = lineOfKey(text, "default");
  const value = JSON.stringify(id);
  if (line === undefined) return `default = ${value}\n${text}`;
  const lines = text.split("\n");
  const [, before, after] =
    /^(\s*["']?default["']?\s*=\s*)(?:"[^"\\]*"(?!")|'[^']*'(?!'))(.*)$/s.exec(lines[line - 1]!) ?? [];
  if (before === undefined) throw cannotChange(path, line);
  lines[line - 1] = before + value + after;
  return lines.join("\n");
}

function cannotChange(path: string, line?: number): EnvironmentsFileError {
  const where = line === undefined ? "" : `, line ${line}`;
  return new EnvironmentsFileError(`Cannot change the default in "${path}"${where}: change it by hand`);
}
