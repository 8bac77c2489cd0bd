import { deepEqual, equal, match, ok } from "node:assert/strict";
import { hostTarget } from "../../scripts/targets.ts";
import { version } from "../../src/version.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** The most that the whole program may have in a binary, beside the runtime: half of it is what the console shows. */
const EMBEDDED_KB = 4_000;

/** A whole Deno, which is no base to run a program on, but one to put a program behind. */
const substituteBase = `${Deno.cwd()}/node_modules/deno/deno`;

async function compile(out: string, env: Record<string, string>, flags = ["--no-archive"]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "scripts/compile.ts", ...flags, "--out", out],
    // Nothing that the machine says of proxies and base binaries.
    env: {
      PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
      HOME: Deno.env.get("HOME") ?? "/",
      NO_COLOR: "1",
      ...env,
    },
    clearEnv: true,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** The `name (12.3KB)` in a listing. */
function sizes(listing: string): Record<string, number> {
  const found = [...listing.matchAll(/(\S+) \(([\d.]+)(KB|MB|B)\)/g)];
  const unit = { B: 1 / 1024, KB: 1, MB: 1024 };
  return Object.fromEntries(
    found.map(([, name, size, in_]) => [name, Number(size) * unit[in_ as keyof typeof unit]]),
  );
}

Deno.test("compile embeds one bundle, of this program and the packages it imports", async () => {
  await using folder = new TempFolder();
  const { code, stdout, stderr } = await compile(folder.path, { DENORT_BIN: substituteBase });
  equal(code, 0, stderr);
  const [embedded = "", bundled = ""] = stdout.split("\nBundled\n");

  deepEqual(Object.keys(sizes(embedded)), ["exec-server.js"]);
  const total = Object.values(sizes(embedded))[0]!;
  ok(total > 100 && total < EMBEDDED_KB, `${total} KB`);

  const { packages } = JSON.parse(await Deno.readTextFile("package-lock.json"));
  const needed = new Set(["exec-server", ...Object.keys(packages[""].dependencies)]);
  for (const name of needed) {
    const { dependencies = {} } = packages[`node_modules/${name}`] ?? {};
    for (const another of Object.keys(dependencies)) needed.add(another);
  }
  deepEqual(Object.keys(sizes(bundled)).filter((name) => !needed.has(name)), []); // No tests, no scripts, no type checker.
  ok(Object.keys(sizes(bundled)).includes("exec-server"));

  const names = [...Deno.readDirSync(folder.path)].map(({ name }) => name);
  deepEqual(names, [`exec-server-${version}-${hostTarget()}`]);
  const { size } = await Deno.stat(`${folder.path}/${names[0]}`);
  const base = await Deno.stat(substituteBase);
  // Deno lays what it adds out on pages of the program.
  ok(size > base.size + 100 * 1024 && size < base.size + 8 * 1024 * 1024, `${size - base.size} bytes more`);
});

Deno.test("compile says which base binary it could not download, and what to do", async () => {
  await using folder = new TempFolder();
  const nowhere = { HTTPS_PROXY: "http://127.0.0.1:9", DENO_DIR: `${folder.path}/cache` };
  const { code, stderr } = await compile(`${folder.path}/out`, nowhere);
  equal(code, 1);
  match(
    stderr,
    /The base binary "https:\/\/\S+denort-\S+\.zip" could not be downloaded: .*\. Set DENORT_BIN .*compile:bun/,
  );
});

Deno.test("compile says that DENORT_BIN names no file", async () => {
  await using folder = new TempFolder();
  const { code, stderr } = await compile(folder.path, { DENORT_BIN: `${folder.path}/denort` });
  equal(code, 1);
  equal(
    stderr,
    `DENORT_BIN names "${folder.path}/denort", where there is no file. ` +
      "Set DENORT_BIN to a denort of the target, or build with `deno task compile:bun`.\n",
  );
});

Deno.test("an archive holds the command by its name, and what must come along", async () => {
  await using folder = new TempFolder();
  const out = `${folder.path}/a folder %41 #ü`;
  const { code, stderr } = await compile(out, {}, ["--with", "bun"]);
  equal(code, 0, stderr);
  const name = `exec-server-${version}-${hostTarget()}-bun`;
  const run = async (program: string, ...args: string[]) => {
    const { success, stdout } = await new Deno.Command(program, { args, cwd: out }).output();
    ok(success, `${program} ${args.join(" ")}`);
    return new TextDecoder().decode(stdout);
  };
  await run("sha256sum", "--check", "SHA256SUMS");
  const held = (await run("tar", "-xvzf", `${name}.tar.gz`, "-C", folder.path)).trim().split("\n").sort();
  deepEqual(
    held,
    ["", "LICENSE", "README.md", "THIRD-PARTY-NOTICES", "exec-server"].map((file) => `${name}/${file}`),
  );
  match(await run(`${folder.path}/${name}/exec-server`, "--version"), new RegExp(`^exec-server ${version} `));
});
