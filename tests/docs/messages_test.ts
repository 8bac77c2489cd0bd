import { deepEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { readPage, root } from "../support/markdown.ts";

/** What other programs say, or the machine. */
const foreign =
  /^(1006|[A-Z]{4,}|connect ECONNREFUSED|inotify|npm ci|self-signed|unknown issuer|Resource temporarily unavailable)$/;

Deno.test("the messages that troubleshooting is sorted by are the program's own", () => {
  const source = [...files(join(root, "src"))].map((path) => Deno.readTextFileSync(path)).join("\n");
  const headings = readPage("docs/troubleshooting.md").split("\n").filter((line) => line.startsWith("## "));
  const messages = headings.flatMap((line) => [...line.matchAll(/`([^`]+)`/g)].map(([, text]) => text!));
  // What stands between is put in when a message is made.
  const parts = messages.flatMap((text) => text.split(/; |\.\.\.:? ?| \d{3}\b|0\.0\.0\.0/)).map((part) =>
    part.trim()
  )
    .filter((part) => part !== "" && !foreign.test(part));
  ok(parts.length > 10);
  deepEqual(parts.filter((part) => !source.includes(part)), []);
});

function* files(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* files(path);
    else if (name.endsWith(".ts")) yield path;
  }
}
