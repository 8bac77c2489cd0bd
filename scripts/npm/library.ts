/** The library as an npm package: JavaScript and declarations, one file for each of the program's. */
import { dirname, join, normalize, relative } from "node:path";
import { version } from "../../src/version.ts";
import { bun, root, testModules } from "../places.ts";
import { platformPackages } from "./platforms.ts";

/** What can be imported: names of the package's exports, and the files behind them. */
const entries = {
  ".": { default: "mod.ts", browser: "client.ts" },
  "./client": { default: "client.ts" },
  "./fleet": { default: "fleet.ts" },
} as const;

/** The oldest Node that has everything the compiled code calls. */
const nodeVersion = ">=20.5";

/** Packages that the library works with but does not import: the versions it was tested with. */
const companions = ["@modelcontextprotocol/sdk"];

/** What is read of this project's package.json. */
interface ProjectPackage {
  readonly name: string;
  readonly description: string;
  readonly license: string;
  readonly author: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** How the package is built. */
export interface LibraryOptions {
  /**
   * Names the platform packages as optional dependencies, which npm then asks its registry for: only when those names
   * there are this project's own. Otherwise whoever wants the command installs its tarball, too.
   */
  readonly forRegistry?: boolean;
}

/**
 * Builds the package `exec-server`: the library, and the launcher of the binaries.
 *
 * @param folder absolute path of where it goes
 */
export async function buildLibrary(folder: string, options: LibraryOptions = {}): Promise<void> {
  await compile(join(folder, "lib"));
  await bundleStandardLibrary(join(folder, "lib"));
  const files = await keepReachable(join(folder, "lib"));
  await copy("scripts/npm/launcher.js", join(folder, "bin/exec-server.js"));
  for (const name of ["README.md", "LICENSE", "THIRD-PARTY-NOTICES"]) await copy(name, join(folder, name));
  const project: ProjectPackage = JSON.parse(await Deno.readTextFile(join(root, "package.json")));
  const description = packageDescription(project, imported(files), options);
  await Deno.writeTextFile(join(folder, "package.json"), JSON.stringify(description, null, 2) + "\n");
}

async function compile(folder: string): Promise<void> {
  const tsc = join(testModules, "typescript/bin/tsc");
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", tsc, "-p", join(root, "tsconfig.npm.json"), "--outDir", folder],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
}

/**
 * Puts the few functions of the standard library that are called into the files that name them: the package they come from
 * holds all of it, and is a repackaging by one person.
 */
async function bundleStandardLibrary(folder: string): Promise<void> {
  const files = [...filesOf(join(root, "src/std"))].filter((path) => !path.endsWith(".d.ts"));
  const { success, stderr } = await new Deno.Command(bun, {
    args: ["build", "--format=esm", "--target=browser", "--root", root, "--outdir", folder, ...files],
    cwd: root,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Removes files that no entry leads to, such as declarations of what is private. @returns the others' texts, by path */
async function keepReachable(folder: string): Promise<Map<string, string>> {
  const entryFiles = Object.values(entries).flatMap((entry) => Object.values(entry));
  const waiting = [...new Set(entryFiles)].flatMap((file) => [compiled(file), declared(file)]);
  const kept = new Map<string, string>();
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (kept.has(file)) continue;
    const path = join(folder, file);
    const text = finished(file, await Deno.readTextFile(path));
    kept.set(file, text);
    await Deno.writeTextFile(path, text);
    for (const specifier of specifiers(text).filter((specifier) => specifier.startsWith("."))) {
      const target = normalize(join(dirname(file), specifier));
      waiting.push(file.endsWith(".d.ts") ? target.replace(/\.js$/, ".d.ts") : target);
    }
  }
  for (const path of filesOf(folder)) if (!kept.has(relative(folder, path))) await Deno.remove(path);
  return kept;
}

/** A file as it is shipped. */
function finished(file: string, source: string): string {
  if (!file.endsWith(".d.ts")) return source;
  const withExtensions = source.replace(/((?:from|import) ?\(?"\.[^"]*)\.ts"/g, '$1.js"');
  // Consumers need not know that these declarations use types of ESNext.
  return file.includes("/") ? withExtensions : `/// <reference lib="esnext.disposable" />\n${withExtensions}`;
}

function specifiers(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|`[^`]*`/g, "");
  return [...code.matchAll(/(?:^|[\s;}(<|&])(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, name]) => name!);
}

/** The packages that files import. */
function imported(files: ReadonlyMap<string, string>): Set<string> {
  const outside = [...files.values()].flatMap(specifiers)
    .filter((specifier) => !/^(\.|node:|bun:)/.test(specifier));
  return new Set(outside.map((name) => name.split("/").slice(0, name.startsWith("@") ? 2 : 1).join("/")));
}

function packageDescription(
  project: ProjectPackage,
  names: ReadonlySet<string>,
  { forRegistry }: LibraryOptions,
): Record<string, unknown> {
  const { name, description, license, author, dependencies } = project;
  const { devDependencies } = JSON.parse(Deno.readTextFileSync(join(root, "tests/package.json")));
  const needed = [...names].sort().map((name) => {
    const version = dependencies[name];
    if (version) return [name, `^${version}`];
    throw new Error(`The library imports "${name}", which is not among the dependencies in package.json`);
  });
  return {
    name,
    version,
    description,
    license,
    author,
    ...places(),
    keywords: ["exec-server", "process", "remote", "terminal", "json-rpc", "websocket"],
    type: "module",
    sideEffects: false,
    engines: { node: nodeVersion },
    bin: { "exec-server": "bin/exec-server.js" },
    exports: exportsMap(),
    files: ["bin", "lib", "THIRD-PARTY-NOTICES"],
    dependencies: Object.fromEntries(needed),
    ...forRegistry && {
      optionalDependencies: Object.fromEntries(
        Object.values(platformPackages).map(({ name }) => [name, version]),
      ),
    },
    peerDependencies: Object.fromEntries(companions.map((name) => [name, `^${devDependencies[name]}`])),
    peerDependenciesMeta: Object.fromEntries(companions.map((name) => [name, { optional: true }])),
  };
}

/** Where the project is, as the machine that releases it says; nothing anywhere else. */
function places(): Record<string, unknown> {
  const [host, repository] = [Deno.env.get("GITHUB_SERVER_URL"), Deno.env.get("GITHUB_REPOSITORY")];
  if (!host || !repository) return {};
  const url = `${host}/${repository}`;
  return {
    repository: { type: "git", url: `git+${url}.git` },
    homepage: `${url}#readme`,
    bugs: { url: `${url}/issues` },
  };
}

function exportsMap(): Record<string, unknown> {
  const place = (file: string) => ({ types: `./lib/${declared(file)}`, default: `./lib/${compiled(file)}` });
  const conditions = ({ default: file, browser }: { default: string; browser?: string }) =>
    browser ? { browser: place(browser), default: place(file) } : place(file);
  const map = Object.entries(entries).map(([name, entry]) => [name, conditions(entry)]);
  return { ...Object.fromEntries(map), "./package.json": "./package.json" };
}

function compiled(file: string): string {
  return file.replace(/\.ts$/, ".js");
}

function declared(file: string): string {
  return file.replace(/\.ts$/, ".d.ts");
}

function* filesOf(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* filesOf(path);
    else yield path;
  }
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(dirname(to), { recursive: true });
  await Deno.copyFile(join(root, from), to);
}
