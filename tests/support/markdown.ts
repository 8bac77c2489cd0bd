/** The parts of Markdown pages that the tests look at. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The tree's root. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A fenced block of code. */
export interface CodeBlock {
  /** Such as `sh`. */
  readonly language: string;
  /** The words after the language. */
  readonly attributes: readonly string[];
  /** `page:line` of its first line. */
  readonly place: string;
  readonly code: string;
}

/** The pages in the root and in `docs`, by path from the root. */
export function pages(): string[] {
  const docs = [...Deno.readDirSync(join(root, "docs"))].map(({ name }) => `docs/${name}`);
  const atRoot = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"];
  return [...atRoot, ...docs.filter((path) => path.endsWith(".md")).sort()];
}

export function readPage(path: string): string {
  return Deno.readTextFileSync(join(root, path));
}

/** A page's blocks of code, in order. */
export function codeBlocks(path: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { info: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of readPage(path).split("\n").entries()) {
    const fence = /^\s*```(.*)$/.exec(line);
    if (open && fence) {
      const [language = "", ...attributes] = open.info.trim().split(/\s+/);
      const code = open.lines.join("\n") + "\n";
      blocks.push({ language, attributes, place: `${path}:${open.line}`, code });
      open = undefined;
    } else if (open) open.lines.push(line);
    else if (fence) open = { info: fence[1]!, line: index + 2, lines: [] };
  }
  if (open) throw new Error(`${path}:${open.line}: the block of code has no end`);
  return blocks;
}

/** A page without its code. */
export function prose(path: string): string {
  return readPage(path).replace(/^\s*```[\s\S]*?^\s*```$/gm, "").replace(/<!--[\s\S]*?-->/g, "");
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchors(path: string): Set<string> {
  const found = new Set<string>();
  for (const [, heading] of prose(path).matchAll(/^#{1,6} (.*)$/gm)) {
    const text = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = text.replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/\s/g, "-");
    let unique = anchor;
    for (let count = 1; found.has(unique); count++) unique = `${anchor}-${count}`;
    found.add(unique);
  }
  return found;
}

/** Where a page's links lead, as they are written. */
export function links(path: string): string[] {
  const text = prose(path).replace(/`[^`]*`/g, (code) => code.replace(/[[\]()]/g, " "));
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
}
