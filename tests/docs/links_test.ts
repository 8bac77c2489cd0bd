/** Links within the documentation lead somewhere. */
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path/posix";
import { anchors, links, pages, root } from "../support/markdown.ts";

for (const page of pages()) {
  Deno.test(`the relative links of ${page} lead to files and headings`, () => {
    const wrong = links(page).filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(page, target));
    if (wrong.length > 0) throw new Error(`These lead nowhere: ${wrong.join(", ")}`);
  });
}

Deno.test("every page can be reached from the README", () => {
  const reached = new Set(["README.md"]);
  for (const page of reached) {
    for (const target of links(page)) {
      const [file = ""] = target.split("#");
      const path = normalize(join(dirname(page), file));
      if (file.endsWith(".md") && existsSync(join(root, path))) reached.add(path);
    }
  }
  const lost = pages().filter((page) => !reached.has(page));
  if (lost.length > 0) throw new Error(`Nothing leads to ${lost.join(", ")}`);
});

Deno.test("a link to what is not there is found", () => {
  if (leadsSomewhere("README.md", "docs/nothing.md")) throw new Error("A missing file passed");
  if (leadsSomewhere("README.md", "#no-such-heading")) throw new Error("A missing heading passed");
});

function leadsSomewhere(page: string, target: string): boolean {
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? page : normalize(join(dirname(page), decodeURIComponent(file)));
  if (!existsSync(join(root, path))) return false;
  return anchor === undefined || (path.endsWith(".md") && anchors(path).has(anchor));
}
