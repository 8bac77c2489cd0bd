/**
 * The licences of everything that a binary holds: the packages that are bundled, and the runtime that it is put behind.
 */
import { join } from "node:path";
import { root } from "./places.ts";

/** Packages that come without a file of their licence: where it stands here. */
const kept: Readonly<Record<string, string>> = { "@xterm/headless": "xterm.txt", "deno-std": "std.txt" };

/** Names that packages give the file of their licence. */
const licenceNames = ["LICENSE", "LICENSE.md", "LICENSE.txt"];

const introduction = `exec-server is licensed under the Apache License 2.0; see LICENSE.

Its binaries hold the packages below, and one of the two runtimes at the end: those whose names end with "-bun", and all
for musl, Bun; the others Deno.
`;

/** The text of THIRD-PARTY-NOTICES. */
export function notices(): string {
  const { dependencies, devDependencies } = readJson(join(root, "package.json"));
  const packages = Object.keys(dependencies).map((name) => entry(name, licenceOf(name)));
  const runtimes = [
    entry("deno", licenceOf("deno") + keptText("deno.txt"), devDependencies.deno),
    entry("bun", keptText("bun.txt"), devDependencies.bun),
  ];
  return [introduction, ...packages, ...runtimes].join("\n");
}

function entry(name: string, text: string, version?: string): string {
  const description = readJson(join(root, "node_modules", name, "package.json"));
  const rule = "-".repeat(80);
  return `${rule}\n${name} ${version ?? description.version} (${description.license})\n\n${text.trim()}\n`;
}

function licenceOf(name: string): string {
  if (kept[name] !== undefined) return keptText(kept[name]);
  const folder = join(root, "node_modules", name);
  const file = [...Deno.readDirSync(folder)].map(({ name }) => name).find((name) =>
    licenceNames.includes(name)
  );
  if (file === undefined) {
    throw new Error(
      `"${name}" comes without its licence: put it into scripts/notices, and name it in notices.ts`,
    );
  }
  return Deno.readTextFileSync(join(folder, file));
}

function keptText(file: string): string {
  return Deno.readTextFileSync(join(root, "scripts/notices", file));
}

function readJson(path: string) {
  return JSON.parse(Deno.readTextFileSync(path));
}
