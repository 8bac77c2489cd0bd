/**
 * Makes the pages that follow from the source: docs/protocol.md, docs/protocol.schema.json, docs/limits.md,
 * ARCHITECTURE.md and THIRD-PARTY-NOTICES.
 *
 *   deno task docs            writes them
 *   deno task docs --check    fails when one of them is not what would be written, and when a page for developers
 *                           names a file that is not there
 */
import { existsSync } from "node:fs";
import process from "node:process";
import { architecturePage } from "./docs/architecture_page.ts";
import { limitsPage } from "./docs/limits_page.ts";
import { missingFiles } from "./docs/named_files.ts";
import { notices } from "./notices.ts";
import { protocolPage, protocolSchemaText } from "./docs/protocol_page.ts";

const pages: Record<string, () => string> = {
  "docs/protocol.md": () => protocolPage(Deno.readTextFileSync("scripts/docs/protocol_overview.md")),
  "docs/protocol.schema.json": protocolSchemaText,
  "docs/limits.md": limitsPage,
  "ARCHITECTURE.md": () => architecturePage(Deno.readTextFileSync("scripts/docs/architecture_overview.md")),
  "THIRD-PARTY-NOTICES": notices,
};

/** Pages that speak of files. */
const mapPages = ["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/development.md"];

const isCheck = process.argv.includes("--check");
let outdated = false;
for (const [path, page] of Object.entries(pages)) {
  const text = await formatted(page(), path);
  if (text === current(path)) continue;
  if (isCheck) process.stderr.write(`${path} is out of date: run \`deno task docs\`\n`);
  else Deno.writeTextFileSync(path, text);
  outdated = true;
}
const wrong = isCheck ? mapPages.flatMap(wrongNames) : [];
for (const line of wrong) process.stderr.write(`${line}\n`);
process.exit(isCheck && (outdated || wrong.length > 0) ? 1 : 0);

function wrongNames(page: string): string[] {
  const missing = missingFiles(current(page) ?? "", existsSync);
  return missing.map((name) => `${page} names "${name}", which is not there`);
}

function current(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The way `deno fmt` of this project leaves it, so that the two checks agree. */
async function formatted(text: string, path: string): Promise<string> {
  const kind = /\.(md|json)$/.exec(path)?.[1];
  if (kind === undefined) return text;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--ext", kind, "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout } = await output;
  if (!success) throw new Error("deno fmt failed");
  return new TextDecoder().decode(stdout);
}
