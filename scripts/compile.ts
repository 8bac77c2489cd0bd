/**
 * Builds binaries into `dist`, or another folder, each with an archive, and a file of checksums.
 *
 *   deno task compile [--target T]... [--all] [--out DIR] [--no-archive]       with `deno compile`
 *   deno task compile:bun [--target T]... [--all] [--out DIR] [--no-archive]   with `bun build --compile`
 *   deno task compile:node [--out DIR] [--no-archive]                          one file of JavaScript, for Node
 *
 * In any case the program is bundled first, by Bun, so that a binary holds what the program imports and no more.
 */
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { version } from "../src/version.ts";
import { bun, root } from "./places.ts";
import { hostTarget, targets } from "./targets.ts";

/** What the program may do: run programs, and everything a program can do with files, network and terminals. */
const permissions = ["net", "read", "write", "env", "run", "sys", "ffi"].map((name) => `--allow-${name}`);

/**
 * Bytecode starts in a third of the time that parsing takes. What lies in the folder where the binary runs is nobody's
 * to configure it with: Bun would read a `.env` there, and every child would have it.
 */
const bunOptions = [
  "--minify",
  "--bytecode",
  "--format=esm",
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
];

const args = commandLine();
const maker = args.with === "bun" || args.with === "node" ? args.with : "deno";
/** What a build is for: a target, or any machine with Node. */
const wanted = chooseTargets();
const commit = await currentCommit();
const out = args.out;
await Deno.mkdir(out, { recursive: true });
for (const target of wanted) await build(target);
if (!args["no-archive"]) await writeChecksums();

function commandLine() {
  try {
    return parseArgs({
      options: {
        "target": { type: "string", multiple: true, default: [] },
        "with": { type: "string", default: "deno" },
        "out": { type: "string", default: "dist" },
        "all": { type: "boolean" },
        "no-archive": { type: "boolean" },
      },
    }).values;
  } catch (error) {
    fail((error as Error).message);
  }
}

function chooseTargets(): string[] {
  if (maker === "node") {
    if (args.all || args.target.length > 0) fail("The file for Node is the same on every platform");
    return ["node"];
  }
  const possible = Object.keys(targets).filter((name) => maker === "bun" || targets[name]!.deno);
  if (args.all) return possible;
  const given = args.target;
  const unknown = given.find((name) => !possible.includes(name));
  if (unknown) fail(`${maker} builds no "${unknown}", only:\n  ${possible.join("\n  ")}`);
  return given.length > 0 ? given : [hostTarget()];
}

async function build(target: string): Promise<void> {
  const suffix = maker === "bun" ? "-bun" : "";
  const name = `exec-server-${version}-${target}${suffix}`;
  const file = name + extension(target);
  const path = `${out}/${file}`;
  const scratch = await Deno.makeTempDir();
  const options = [
    `--metafile=${scratch}/metafile.json`,
    `--define=EXEC_SERVER_COMMIT="${commit}"`,
    ...maker === "node" ? [] : [`--define=EXEC_SERVER_TARGET="${target}"`],
  ];
  if (maker === "node") {
    const flags = ["--target=node", "--minify", "--banner=#!/usr/bin/env node", ...options];
    await run(bun, ["build", ...flags, "main.ts", "--outfile", path]);
    await Deno.chmod(path, 0o755);
  } else if (maker === "bun") {
    const platform = `--target=${targets[target]!.bun}`;
    await run(bun, ["build", "--compile", ...bunOptions, platform, ...options, "main.ts", "--outfile", path]);
  } else {
    const bundle = `${scratch}/exec-server.js`;
    await run(bun, ["build", "--target=node", "--minify", ...options, "main.ts", "--outfile", bundle]);
    await run(Deno.execPath(), [
      ...[
        "compile",
        "--no-prompt",
        "--no-config",
        "--target",
        target,
        ...permissions,
        "--output",
        path,
        bundle,
      ],
    ], { explain: explainMissingBase });
  }
  const bundled = describeBundle(JSON.parse(await Deno.readTextFile(`${scratch}/metafile.json`)));
  process.stdout.write(`Bundled\n\n${bundled}\n`);
  process.stdout.write(
    `${path} (${((await Deno.stat(path)).size / 1e6).toFixed(maker === "node" ? 1 : 0)} MB)\n`,
  );
  if (!args["no-archive"]) await archive(name, path, scratch);
  await Deno.remove(scratch, { recursive: true });
}

function extension(target: string): string {
  if (target === "node") return ".mjs";
  return target.includes("windows") ? ".exe" : "";
}

/** Packs a binary under the name of the command, in a folder of its own, with what must come along. */
async function archive(name: string, binary: string, scratch: string): Promise<void> {
  const folder = join(scratch, name);
  await Deno.mkdir(folder);
  await Deno.copyFile(binary, join(folder, `exec-server${/\.(exe|mjs)$/.exec(binary)?.[0] ?? ""}`));
  for (const file of ["LICENSE", "THIRD-PARTY-NOTICES", "scripts/archive/README.md"]) {
    await Deno.copyFile(join(root, file), join(folder, basename(file)));
  }
  // Relative names: a tar that comes with git for Windows takes what is before a colon for a machine.
  await run("tar", ["-czf", `${name}.tar.gz`, name], { cwd: scratch });
  await Deno.copyFile(join(scratch, `${name}.tar.gz`), `${out}/${name}.tar.gz`);
}

/** What Bun tells of a bundle. */
interface Metafile {
  readonly outputs: Record<string, { readonly inputs: Record<string, { readonly bytesInOutput: number }> }>;
}

/** How much every package has in a bundle, largest first. */
function describeBundle({ outputs }: Metafile): string {
  const bytesOf = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path.replace(/^(?:\.\.\/)+/, "");
      const owner = /\bsrc\/|^main\.ts$/.test(path) && !path.includes("node_modules") ? "exec-server" : name;
      bytesOf.set(owner, (bytesOf.get(owner) ?? 0) + bytesInOutput);
    }
  }
  const largestFirst = [...bytesOf].sort(([, a], [, b]) => b - a);
  return largestFirst.map(([name, bytes]) => `${name} (${(bytes / 1024).toFixed(1)}KB)\n`).join("");
}

/** `deno compile` puts the program behind a base binary of the target, which it downloads. */
function explainMissingBase(output: string): string | undefined {
  const advice = "Set DENORT_BIN to a denort of the target, or build with `deno task compile:bun`.";
  const [, path] = /Could not find denort at '(.*)'/.exec(output) ?? [];
  if (path !== undefined) return `DENORT_BIN names "${path}", where there is no file. ${advice}`;
  const [, url] = /^Download (https:\S*denort\S*)/m.exec(output) ?? [];
  if (url === undefined) return undefined;
  const [, cause = "no cause given"] = /error sending request for url \([^)]*\): (.*)/.exec(output) ?? [];
  return `The base binary "${url}" could not be downloaded: ${cause}. ${advice}`;
}

/** Covers every binary and archive of this version, so that both makers may build into one folder. */
async function writeChecksums(): Promise<void> {
  const names = [...Deno.readDirSync(out)].map(({ name }) => name)
    .filter((name) => name.startsWith(`exec-server-${version}-`)).sort();
  const lines: string[] = [];
  for (const name of names) {
    const hash = createHash("sha256");
    using file = await Deno.open(`${out}/${name}`);
    for await (const chunk of file.readable) hash.update(chunk);
    lines.push(`${hash.digest("hex")}  ${name}`);
  }
  await Deno.writeTextFile(`${out}/SHA256SUMS`, lines.join("\n") + "\n");
}

async function currentCommit(): Promise<string> {
  const { success, stdout } = await new Deno.Command("git", { args: ["rev-parse", "--short", "HEAD"] })
    .output()
    .catch(() => ({ success: false, stdout: new Uint8Array() }));
  return success ? new TextDecoder().decode(stdout).trim() : "unknown";
}

async function run(
  program: string,
  args: string[],
  { explain, cwd }: { explain?: (output: string) => string | undefined; cwd?: string } = {},
): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, cwd, env: { NO_COLOR: "1" } })
    .output();
  const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (success) {
    if (program === Deno.execPath()) process.stdout.write(output.slice(output.indexOf("Embedded Files")));
    return;
  }
  fail(explain?.(output) ?? output);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
