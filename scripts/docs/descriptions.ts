/** The doc comments of the protocol's files, found by schema and by member. */
import { dirname, join } from "node:path/posix";
import { type Described, type DescribedFile, readDocComments } from "./doc_comments.ts";

/** A constant of a schema file and what is known of it. */
interface Constant {
  readonly file: string;
  readonly name: string;
}

/** Looks descriptions up, and gathers what has none. */
export class Descriptions {
  /** Members without a description, for the complaint. */
  readonly missing: string[] = [];
  readonly #files = new Map<string, DescribedFile>();
  readonly #owners = new Map<Described, string>();
  readonly #constants = new Map<unknown, Constant>();
  readonly #names: ReadonlyMap<unknown, string>;

  /**
   * @param modules the schema modules by path, as the program loads them
   * @param names what the page calls some schemas, in Markdown
   */
  constructor(modules: Record<string, Record<string, unknown>>, names: ReadonlyMap<unknown, string>) {
    this.#names = names;
    for (const [file, exports] of Object.entries(modules)) {
      for (const [name, value] of Object.entries(exports)) {
        if (typeof value === "object") this.#constants.set(value, { file, name });
      }
    }
  }

  /** What the page calls a schema, if it has a name there. */
  nameOf(schema: unknown): string | undefined {
    return this.#names.get(schema);
  }

  /** Where an exported schema is described. */
  of(schema: unknown): Described[] {
    const constant = this.#constants.get(schema);
    return constant ? this.constant(constant.file, constant.name) : [];
  }

  /** Where a constant of a file is described. */
  constant(file: string, name: string): Described[] {
    const found = this.#file(file).constants.get(name);
    if (!found) {
      const imported = this.#file(file).imports.get(name);
      return imported?.from.startsWith(".")
        ? this.constant(join(dirname(file), imported.from), imported.name)
        : [];
    }
    this.#own(found, file);
    return [found];
  }

  /** Where a member is described, in these or in the constants that they are made of. */
  member(from: readonly Described[], name: string): Described[] {
    return this.#all(from).flatMap((described) => {
      const found = described.members.get(name) ?? [];
      for (const one of found) this.#own(one, this.#owners.get(described)!);
      return found;
    });
  }

  /** An alternative of a variant; the whole where it is not written out in the source. */
  element(from: readonly Described[], index: number): readonly Described[] {
    const elements = this.#all(from).flatMap((described) => {
      const found = described.elements.filter(({ members }) => members.size > 0);
      for (const one of found) this.#own(one, this.#owners.get(described)!);
      return found;
    });
    return elements[index] ? [elements[index], ...from] : from;
  }

  /** The description of a member: its own, or that of the constant of the same name that it is made of. */
  text(from: readonly Described[], name: string, path: string): string {
    const own = from.find(({ doc }) => doc !== undefined)?.doc;
    const text = own ?? this.#inherited(from, name);
    if (text === undefined) this.missing.push(path);
    return (text ?? "").replaceAll("\n", " ");
  }

  #inherited(from: readonly Described[], name: string): string | undefined {
    for (const described of from) {
      if (!described.names.includes(name)) continue;
      const [constant] = this.constant(this.#owners.get(described)!, name);
      if (constant?.doc !== undefined) return constant.doc;
    }
    return undefined;
  }

  /** These, and every constant that they mention, and so on. */
  #all(from: readonly Described[]): Described[] {
    const all = new Set(from);
    for (const described of all) {
      const file = this.#owners.get(described);
      if (file === undefined) continue;
      for (const name of described.names) for (const next of this.constant(file, name)) all.add(next);
    }
    return [...all];
  }

  #own(described: Described, file: string): void {
    if (this.#owners.has(described)) return;
    this.#owners.set(described, file);
  }

  #file(file: string): DescribedFile {
    const known = this.#files.get(file) ?? readDocComments(Deno.readTextFileSync(file));
    this.#files.set(file, known);
    return known;
  }
}
