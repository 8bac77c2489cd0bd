/**
 * Makes the pages that follow from the source: docs/protocol.md, docs/limits.md and THIRD-PARTY-NOTICES.
 *
 *   deno task docs            writes them
 *   deno task docs --check    fails when one of them is not what would be written
 */
import process from "node:process";
import { limitsPage } from "./docs/limits_page.ts";
import { notices } from "./notices.ts";
import { protocolPage } from "./docs/protocol_page.ts";

const pages: Record<string, () => string> = {
  "docs/protocol.md": () => protocolPage(Deno.readTextFileSync("scripts/docs/protocol_overview.md")),
  "docs/limits.md": limitsPage,
  "THIRD-PARTY-NOTICES": notices,
};

const isCheck = process.argv.includes("--check");
let outdated = false;
for (const [path, page] of Object.entries(pages)) {
  const text = path.endsWith(".md") ? await formatted(page()) : page();
  if (text === current(path)) continue;
  if (isCheck) process.stderr.write(`${path} is out of date: run \`deno task docs\`\n`);
  else Deno.writeTextFileSync(path, text);
  outdated = true;
}
process.exit(isCheck && outdated ? 1 : 0);

function current(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The way `deno fmt` of this project leaves it, so that the two checks agree. */
async function formatted(text: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--ext", "md", "-"],
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
