/** The package as its users have it: built, packed, and installed into an empty project. */
import { join } from "node:path";
import { buildLibrary } from "../../scripts/npm/library.ts";
import { pack } from "../../scripts/npm/pack.ts";
import { bun, testModules } from "../../scripts/places.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** The Node beside the one that runs npm; its binaries are packages. */
const OTHER_NODE = "22.23.3";

/** An installed project; `await using` removes it. */
export class Project implements AsyncDisposable {
  readonly #folder: TempFolder = new TempFolder();

  /** Where it is: a folder with a package.json and node_modules. */
  get path(): string {
    return join(this.#folder.path, "project");
  }

  /** Packs what `build` makes in the folder it is given, and installs that. */
  static async with(...builds: readonly ((folder: string) => Promise<void>)[]): Promise<Project> {
    const project = new Project();
    const tarballs: string[] = [];
    for (const [index, build] of builds.entries()) {
      const folder = join(project.#folder.path, `package-${index}`);
      await Deno.mkdir(folder);
      await build(folder);
      tarballs.push(await pack(folder, project.#folder.path));
    }
    await Deno.mkdir(project.path);
    await project.write("package.json", '{ "private": true, "type": "module" }');
    // The platforms' packages are not optional where one is named, and not wanted where none is.
    await run("npm", ["install", ...npmFlags, "--omit=optional", ...tarballs], { cwd: project.path });
    return project;
  }

  static library(): Promise<Project> {
    return Project.with(buildLibrary);
  }

  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(join(this.path, name), text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}

const npmFlags = ["--no-audit", "--no-fund", "--no-update-notifier", "--prefer-offline", "--loglevel=error"];

/**
 * Runs a program to its end.
 *
 * @returns its stdout
 * @throws {Error} with its whole output when it fails
 */
export async function run(
  program: string,
  args: string[],
  options: Deno.CommandOptions = {},
): Promise<string> {
  const { success, code, stdout, stderr } = await new Deno.Command(program, {
    args,
    env: { NO_COLOR: "1" },
    ...options,
    stdin: "null",
    signal: AbortSignal.timeout(400_000),
  }).output();
  const decoder = new TextDecoder();
  const text = decoder.decode(stdout);
  if (success) return text;
  throw new Error(`${program} ${args.join(" ")} ended with ${code}:\n${text}${decoder.decode(stderr)}`);
}

/** Programs that run JavaScript, with what comes before the file; without any where it is not to be had. */
export async function runtimes(): Promise<Record<string, string[]>> {
  return {
    node: ["node"],
    [`node ${OTHER_NODE}`]: await otherNode(),
    deno: [Deno.execPath(), "run", "-A", "--quiet"],
    bun: [bun, "run"],
  };
}

/** Another Node, kept in node_modules for the next time; nothing, and said so, where it cannot be had. */
export async function otherNode(): Promise<string[]> {
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  const name = `node-${Deno.build.os}-${arch}`;
  const folder = join(testModules, ".cache", `node-${OTHER_NODE}`);
  const program = join(folder, "node_modules", name, "bin/node");
  try {
    if (!await exists(program)) {
      // Aside, and then moved in one step: test files that run beside this one look for it, too.
      const fresh = `${folder}-${crypto.randomUUID()}`;
      await run("npm", ["install", ...npmFlags, "--no-save", "--prefix", fresh, `${name}@${OTHER_NODE}`]);
      await Deno.rename(fresh, folder).catch(() => Deno.remove(fresh, { recursive: true }));
    }
    await run(program, ["--version"]);
    return [program];
  } catch (error) {
    // deno-lint-ignore no-console -- a test that is left out must not be left out silently
    console.error(`NOT TESTED on Node ${OTHER_NODE}, which npm does not bring: ${(error as Error).message}`);
    return [];
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
