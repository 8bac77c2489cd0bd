/**
 * Reads the doc comments that stand beside constants and the members of object literals, so that the descriptions in
 * the reference are those that a reader of the source sees, and cost the program nothing.
 *
 * It understands what the files with schemas, methods and limits are made of (constants, calls, literals, imports), not
 * all of TypeScript. The pages demand a description for everything they list, so whatever it should fail to read shows.
 */

/** A constant, a member, or an element of an array, as far as it matters here. */
export interface Described {
  /** Its own doc comment, in one line per paragraph, with its tags. */
  readonly doc: string | undefined;
  /** The members of the object literals in its value; a name comes more than once where there are several literals. */
  readonly members: Map<string, Described[]>;
  /** The elements of the arrays in its value. */
  readonly elements: Described[];
  /** Names that its value mentions, such as those of other constants. */
  readonly names: string[];
}

/** The constants of one file, and where the names that it imports come from. */
export interface DescribedFile {
  readonly constants: Map<string, Described>;
  /** Local name to module and original name. */
  readonly imports: Map<string, { readonly from: string; readonly name: string }>;
  /** Headings of the form `// ---- heading`, each with the name of the constant it stands before. */
  readonly headings: { readonly heading: string; readonly before: string }[];
}

type Token =
  | { readonly kind: "doc" | "heading" | "word" | "string"; readonly text: string }
  | { readonly kind: "mark"; readonly text: string };

/** Reads a file's text. */
export function readDocComments(source: string): DescribedFile {
  return new Reader(tokenize(source)).file();
}

/** The text of a doc comment without its stars, a line for each paragraph and each tag. */
function commentText(comment: string): string {
  const lines = comment.slice(3, -2).split("\n").map((line) => line.replace(/^\s*\*? ?/, "").trimEnd());
  return lines.join("\n").trim().replace(/\n(?!\n|@|- )(?<!\n\n)/g, " ").replace(/\n{2,}/g, "\n");
}

const pattern =
  /(?<doc>\/\*\*[\s\S]*?\*\/)|(?<comment>\/\*[\s\S]*?\*\/)|\/\/ -{4,} (?<heading>.*)|(?<line>\/\/.*)|(?<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)|(?<regex>(?<=[(,=:?]\s*)\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\]|\\.)*\])+\/[a-z]*)|(?<word>[\w$]+)|(?<mark>\.\.\.|=>|\S)/g;

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  for (const { groups, index } of source.matchAll(pattern)) {
    const { doc, heading, string, word, mark } = groups!;
    if (doc !== undefined) {
      // One before an empty line is of the file.
      const after = source.slice(index + doc.length, index + doc.length + 200);
      if (!/^[^\S\n]*\n[^\S\n]*\n/.test(after)) tokens.push({ kind: "doc", text: commentText(doc) });
    } else if (heading !== undefined) tokens.push({ kind: "heading", text: heading.trim() });
    else if (string !== undefined) tokens.push({ kind: "string", text: string.slice(1, -1) });
    else if (word !== undefined) tokens.push({ kind: "word", text: word });
    else if (mark !== undefined) tokens.push({ kind: "mark", text: mark });
  }
  return tokens;
}

class Reader {
  readonly #tokens: Token[];
  #at = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  file(): DescribedFile {
    const file: DescribedFile = { constants: new Map(), imports: new Map(), headings: [] };
    let doc: string | undefined;
    let heading: string | undefined;
    for (;;) {
      const token = this.#take();
      if (!token) return file;
      if (token.kind === "doc") doc = token.text;
      else if (token.kind === "heading") heading = token.text;
      else if (token.text === "const" && token.kind === "word") {
        const name = this.#take()!.text;
        while (this.#take()?.text !== "=");
        file.constants.set(name, this.#value([";"], doc));
        if (heading !== undefined) file.headings.push({ heading, before: name });
        doc = heading = undefined;
      } else if (token.text === "import" && token.kind === "word") this.#import(file);
      else if (token.text !== "export") {
        this.#skipStatement(token);
        doc = undefined;
      }
    }
  }

  #import({ imports }: DescribedFile): void {
    const names: string[] = [];
    for (let token = this.#take(); token && token.kind !== "string"; token = this.#take()) {
      if (token.kind === "word" && token.text !== "type" && token.text !== "from") names.push(token.text);
      if (token.text === "*" || token.text === ",") names.push(token.text);
    }
    const from = this.#tokens[this.#at - 1]!.text;
    for (const part of names.join(" ").split(",")) {
      const [name, , local = name] = part.trim().split(" ");
      if (name && name !== "*") imports.set(local!, { from, name });
    }
  }

  /** Everything up to one of these marks, outside brackets. */
  #value(ends: readonly string[], doc: string | undefined): Described {
    const value: Described = { doc, members: new Map(), elements: [], names: [] };
    for (;;) {
      const before = this.#tokens[this.#at - 1]?.text;
      const token = this.#peek();
      if (!token || (token.kind === "mark" && ends.includes(token.text))) return value;
      this.#at++;
      if (token.kind === "word" && before !== ".") value.names.push(token.text);
      if (token.kind !== "mark") continue;
      if (token.text === "{" && (before === "=>" || before === ")")) this.#skipBlock();
      else if (token.text === "{") this.#members(value);
      else if (token.text === "(") this.#parts(")", value);
      else if (token.text === "[") value.elements.push(...this.#parts("]", value));
    }
  }

  /** The parts of a bracket, parted by commas. What they hold belongs to the whole as well. */
  #parts(end: string, whole: Described): Described[] {
    const parts: Described[] = [];
    for (;;) {
      const part = this.#value([",", end], undefined);
      parts.push(part);
      whole.names.push(...part.names);
      for (const [name, described] of part.members) add(whole, name, described);
      if (end === ")") whole.elements.push(...part.elements);
      if (this.#take()?.text !== ",") return parts;
    }
  }

  /** The members of an object literal. */
  #members(owner: Described): void {
    let doc: string | undefined;
    for (;;) {
      const token = this.#take();
      if (!token || token.text === "}") return;
      if (token.kind === "doc") doc = token.text;
      else if (token.text === "...") {
        const spread = this.#value([",", "}"], undefined);
        owner.names.push(...spread.names);
      } else if (token.text !== ",") {
        const isShort = /^[,}]$/.test(this.#peek()?.text ?? "");
        const value = this.#value([",", "}"], doc);
        if (isShort) value.names.push(token.text);
        add(owner, token.text, [value]);
        doc = undefined;
      }
    }
  }

  #skipStatement(first: Token): void {
    for (let token: Token | undefined = first; token; token = this.#take()) {
      if (token.kind !== "mark") continue;
      if (token.text === ";") return;
      if (token.text === "{") {
        this.#skipBlock();
        if (!/^[;=[(.&|]$/.test(this.#peek()?.text ?? "")) return;
      }
    }
  }

  #skipBlock(): void {
    for (let depth = 1; depth > 0;) {
      const token = this.#take();
      if (!token) return;
      if (token.kind === "mark" && token.text === "{") depth++;
      if (token.kind === "mark" && token.text === "}") depth--;
    }
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #take(): Token | undefined {
    return this.#tokens[this.#at++];
  }
}

function add(owner: Described, name: string, described: readonly Described[]): void {
  owner.members.set(name, [...owner.members.get(name) ?? [], ...described]);
}
