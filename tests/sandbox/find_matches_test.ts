import { deepStrictEqual, rejects } from "node:assert/strict";
import type { DiskView } from "../../src/sandbox/disk_view.ts";
import { findMatches } from "../../src/sandbox/find_matches.ts";
import { parsePattern } from "../../src/sandbox/pattern.ts";

const files = ["a.pem", "b.txt", ".env", "sub/k.pem", "sub/deep/x.pem", "sub/deep/dir.pem/y", "keys/id"];

/** A disk that has only names, all below `/w`. */
const disk: DiskView = {
  kindOf: () => Promise.resolve("directory"),
  linkTarget: () => Promise.reject(new Error("no links here")),
  beginning: () => Promise.resolve(""),
  list(path) {
    const inside = files.filter((file) => `/w/${file}`.startsWith(path + "/")).map((file) =>
      `/w/${file}`.slice(path.length + 1)
    );
    const names = new Map(inside.map((rest) => {
      const [name = "", ...more] = rest.split("/");
      return [name, more.length > 0 ? "directory" as const : "file" as const];
    }));
    return Promise.resolve([...names].map(([name, kind]) => ({ name, kind })));
  },
};

async function matches(pattern: string, maxDepth?: number): Promise<string[]> {
  const parsed = parsePattern(pattern, "/w", "/w/sub");
  const found = await Promise.all(parsed.map((one) => findMatches(disk, one, maxDepth)));
  return found.flat().map((path) => path.slice(3)).sort();
}

Deno.test("patterns match files within a segment and at any depth", async () => {
  deepStrictEqual(await matches("*.pem"), ["a.pem"]);
  deepStrictEqual(await matches("**/*.pem"), ["a.pem", "sub/deep/x.pem", "sub/k.pem"]);
  deepStrictEqual(await matches("**/**/*.pem"), ["a.pem", "sub/deep/x.pem", "sub/k.pem"]);
  deepStrictEqual(await matches("sub/**"), ["sub/deep/dir.pem/y", "sub/deep/x.pem", "sub/k.pem"]);
  deepStrictEqual(await matches("/w/*/k.p?m"), ["sub/k.pem"]);
  deepStrictEqual(await matches("~/[a-k].pem"), ["sub/k.pem"]);
  deepStrictEqual(await matches("[!b]*"), [".env", "a.pem"]);
  deepStrictEqual(await matches("{.env,keys/{id,other}}"), [".env", "keys/id"]);
  deepStrictEqual(await matches("b.txt"), ["b.txt"]);
});

Deno.test("a pattern reaches as deep below its fixed part as it may", async () => {
  deepStrictEqual(await matches("**/*.pem", 1), ["a.pem"]);
  deepStrictEqual(await matches("sub/**/*.pem", 1), ["sub/k.pem"]);
  deepStrictEqual(await matches("**/*.pem", 2), ["a.pem", "sub/k.pem"]);
});

Deno.test("a malformed pattern and a URI match nothing", async () => {
  for (const pattern of ["[a", "file:///w/*.pem", "a\\", "", "../w/*.pem", "{a,b}".repeat(20)]) {
    deepStrictEqual(await matches(pattern), []);
  }
});

Deno.test("a pattern with many runs takes a time in proportion to a name", async () => {
  const list = () => Promise.resolve([{ name: "a".repeat(255), kind: "file" as const }]);
  const [pattern] = parsePattern("/" + "*a".repeat(100) + "b", "/", undefined);
  deepStrictEqual(await findMatches({ ...disk, list }, pattern!), []);
});

Deno.test("a pattern that matches too much is refused", async () => {
  const list = () =>
    Promise.resolve(Array.from({ length: 9_000 }, (_, n) => ({ name: `${n}`, kind: "file" as const })));
  const [pattern] = parsePattern("/*", "/", undefined);
  await rejects(findMatches({ ...disk, list }, pattern!), /matches more than 8192 files/);
});
