import { type Document, isAlias, isMap, isScalar, parseDocument, visit, type YAMLMap } from "yaml";
import { SKILL_YAML_CHARS } from "../limits.ts";

/** The members of a `SKILL.md`'s front matter that matter here, undefined where absent. */
export interface FrontMatter {
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly shortDescription: string | undefined;
}

/**
 * Reads the YAML between the `---` lines that a `SKILL.md` starts with.
 *
 * People write descriptions without quotes and with colons in them. Where the text is not the YAML it should be,
 * such values are quoted and it is read again, as in the reference server.
 *
 * @throws {SyntaxError} that says what is wrong
 */
export function parseFrontMatter(text: string): FrontMatter {
  const lines = text.split(/\r?\n/);
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === "---");
  if (lines[0]!.trimEnd() !== "---" || end === -1) {
    throw new SyntaxError("has no front matter between --- lines");
  }
  const yaml = lines.slice(1, end);
  try {
    return readMembers(yaml.join("\n"));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    try {
      return readMembers(quotePlainValues(yaml).join("\n"));
    } catch {
      throw error;
    }
  }
}

function readMembers(yaml: string): FrontMatter {
  const document = parse(yaml);
  if (document.errors.length > 0) {
    throw new SyntaxError(`has front matter with ${document.errors[0]!.message}`);
  }
  const resolve = (node: unknown) => {
    const target = isAlias(node) ? node.resolve(document) : node;
    if (isAlias(node) && target === undefined) {
      throw new SyntaxError(`has front matter with no anchor for *${node.source}`);
    }
    return target;
  };
  const members = document.contents;
  if (!isMap(members)) throw new SyntaxError("has front matter that is no mapping");
  const text = (map: YAMLMap | undefined, key: string) => {
    const value = resolve(map?.get(key, true));
    if (value === undefined || (isScalar(value) && value.value === null)) return undefined;
    if (!isScalar(value)) throw new SyntaxError(`has front matter whose ${key} is no text`);
    // What looks like a number stays as it is written.
    return typeof value.value === "string" ? value.value : value.source ?? String(value.value);
  };
  const metadata = resolve(members.get("metadata", true));
  if (metadata !== undefined && !isMap(metadata) && !(isScalar(metadata) && metadata.value === null)) {
    throw new SyntaxError("has front matter whose metadata is no mapping");
  }
  return {
    name: text(members, "name"),
    description: text(members, "description"),
    shortDescription: text(isMap(metadata) ? metadata : undefined, "short-description"),
  };
}

/** How the YAML of a skill is parsed: its own check of keys compares each with all others. */
export const yamlOptions = { prettyErrors: false, logLevel: "silent", uniqueKeys: false } as const;

/** @throws {SyntaxError} when a mapping has a key twice */
export function checkKeys<Parsed extends Document.Parsed>(document: Parsed): Parsed {
  visit(document, {
    Map(_, map) {
      const keys = new Set(map.items.map(({ key }) => isScalar(key) ? key.value : key));
      if (keys.size < map.items.length) {
        throw new SyntaxError("has front matter with a key twice in a mapping");
      }
    },
  });
  return document;
}

function parse(yaml: string): Document.Parsed {
  if (yaml.length > SKILL_YAML_CHARS) {
    throw new SyntaxError(`has front matter of more than ${SKILL_YAML_CHARS} characters`);
  }
  try {
    const document = parseDocument(yaml, yamlOptions);
    return checkKeys(document);
  } catch (error) {
    if (error instanceof SyntaxError) throw error;
    // The parser is recursive.
    throw new SyntaxError("has front matter that is nested too deeply", { cause: error });
  }
}

/** The lines with values quoted that YAML would take for something else, block texts left alone. */
function quotePlainValues(lines: readonly string[]): string[] {
  let block: number | undefined;
  return lines.map((line) => {
    const indent = line.length - line.trimStart().length;
    if (block !== undefined && (line.trim() === "" || indent > block)) return line;
    block = undefined;
    const member = /^(\s*(?:- )?[^\s:#"'][^:#]*:[ \t]+)(\S.*)$/.exec(line);
    if (!member) return line;
    const value = withoutComment(member[2]!);
    if (/^[|>]/.test(value)) block = indent;
    return /^[[\]{}@`]|:(\s|$)/.test(value) && !/^["'|>]/.test(value)
      ? member[1] + JSON.stringify(value)
      : line;
  });
}

/** Searched for from its one blank: a run of blanks before would be gone through again from each of them. */
function withoutComment(value: string): string {
  const comment = value.search(/\s#/);
  return (comment < 0 ? value : value.slice(0, comment)).trimEnd();
}
