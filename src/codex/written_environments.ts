import { mkdir, readFile, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { failureText, osErrorCode } from "../native/os_errors.ts";
import { EnvironmentsFileError } from "./environments_file.ts";
import { parseNamedEnvironments } from "./environments_text.ts";
import { replaceFile } from "./replace_file.ts";

/** A machine that a program enters into the user's file. */
export interface WrittenEnvironment {
  readonly id: string;
  readonly url: string;
}

/** Which file, and which part of it is whose. */
export interface WrittenPart {
  readonly path: string;
  /** Where relative directories in it start. */
  readonly home: string;
  /** Tells the part of one program from those of others: one line. */
  readonly owner: string;
}

/**
 * Makes a program's part of a file have some machines and no others; everything else in it stays as it is. The file's
 * default stays in the part for as long as it is the default: a file whose default is not there cannot be followed.
 *
 * @returns the ids that were left out, since others have them
 * @throws {EnvironmentsFileError} where the file cannot be read, followed or written
 */
export async function writeEnvironments(
  { path, home, owner }: WrittenPart,
  environments: readonly WrittenEnvironment[],
): Promise<string[]> {
  try {
    const { real, text, mode } = await readOrNothing(path);
    const { before, after } = parted(text, owner);
    const parse = (text: string) => parseNamedEnvironments(text, path, home);
    const current = parse(text);
    const others = new Set(othersIn(before + after));
    const kept = current.environments.find(({ id }) => id === current.defaultId && !others.has(id));
    const entries = new Map(environments.map(({ id, url }) => [id, url]));
    if (kept && "url" in kept.server && !entries.has(kept.id)) entries.set(kept.id, kept.server.url);
    const taken = [...entries.keys()].filter((id) => others.has(id));
    for (const id of taken) entries.delete(id);
    const changed = before + blockOf(owner, entries, before) + after;
    if (changed !== text) {
      parse(changed);
      await mkdir(dirname(real), { recursive: true, mode: 0o700 });
      await replaceFile(real, changed, mode);
    }
    return taken;
  } catch (error) {
    if (error instanceof EnvironmentsFileError) throw error;
    throw new EnvironmentsFileError(`Cannot change "${path}": ${failureText(error)}`, { cause: error });
  }

  /** The ids of what does not belong to this part, whose default may be in it. */
  function othersIn(rest: string): string[] {
    const withoutDefault = rest.replace(/^\s*["']?default["']?\s*=.*$/m, "");
    return parseNamedEnvironments(withoutDefault, path, home).environments.map(({ id }) => id);
  }
}

async function readOrNothing(path: string): Promise<{ real: string; text: string; mode: number }> {
  try {
    const real = await realpath(path); // A link to it stays one.
    return { real, text: await readFile(real, "utf8"), mode: (await stat(real)).mode & 0o777 };
  } catch (error) {
    if (osErrorCode(error) !== "ENOENT") throw error;
    return { real: path, text: "", mode: 0o600 };
  }
}

/** What is before the part, and behind it. */
function parted(text: string, owner: string): { before: string; after: string } {
  const [first, last] = marks(owner);
  const from = text.indexOf(first);
  const to = from < 0 ? -1 : text.indexOf(last, from);
  if (to < 0) return { before: text, after: "" };
  return { before: text.slice(0, from), after: text.slice(to + last.length) };
}

function blockOf(owner: string, entries: ReadonlyMap<string, string>, before: string): string {
  if (entries.size === 0) return "";
  const [first, last] = marks(owner);
  const tables = [...entries].map(([id, url]) =>
    `[[environments]]\nid = ${JSON.stringify(id)}\nurl = ${JSON.stringify(url)}\n`
  );
  return `${before === "" || before.endsWith("\n") ? "" : "\n"}${first}${tables.join("")}${last}`;
}

function marks(owner: string): [first: string, last: string] {
  return [`# Written by ${owner}, from here:\n`, `# to here: what you change in between is lost.\n`];
}
