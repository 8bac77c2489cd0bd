import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { type Answer, runtimes, startOperations, startReference } from "../support/callable.ts";
import { makeFolder, type TestFolder } from "../support/files.ts";

const method = "capabilities/discoverV2";
const codex = "codex/skills";

function skillFile(name: string, description = "d"): string {
  return `---\nname: ${name}\ndescription: ${description}\n---\nbody\n`;
}

function environment(folder: TestFolder) {
  return { CODEX_HOME: folder.join("codex"), HOME: folder.join("home") };
}

/** What a server finds in a folder, the folder's own path left out. */
async function discover(start: () => Answer, folder: TestFolder): Promise<Answer> {
  await Deno.mkdir(folder.join("codex"), { recursive: true });
  await using callable = await start();
  const { result, error } = await callable.call(method, { cwd: "file:///", sandbox: null });
  // The reference does not encode a plus sign, which stands for itself either way.
  const text = JSON.stringify(result).replaceAll(`file://${folder.path}/`, "").replaceAll("%2B", "+");
  return error ?? JSON.parse(text);
}

/** Front matter that people write, and what is wrong with some of it. */
const frontMatters: Record<string, string> = {
  plain: "name: plain\ndescription: d",
  noname: "description: d",
  emptyname: "name: ''\ndescription: d",
  nullname: "name: null\ndescription: d",
  nodescription: "name: x",
  emptydescription: "name: x\ndescription: ''",
  nulldescription: "name: x\ndescription: null",
  tilde: "name: x\ndescription: ~",
  colon: "name: colon\ndescription: Use when: asked",
  colons: "name: a: b\ndescription: c # x: y\nlist:\n  - a: b: c",
  bracket: "name: [\ndescription: d",
  argument: "name: x\ndescription: d\nargument-hint: [a] [b]",
  braces: "name: x\ndescription: d\nfoo: {{x}}",
  at: "name: @x\ndescription: `y`",
  alias: "name: *x\ndescription: d",
  anchor: "name: &a anchor\ndescription: *a",
  unclosed: 'name: "abc\ndescription: d',
  tab: "name: x\n\tdescription: d",
  tabafter: "name: x\ndescription:\td",
  short: "name: x\ndescription: d\nmetadata:\n  short-description: sd\n  more: 1",
  shortcolon: "name: x\ndescription: d\nmetadata:\n  short-description: a: b",
  shortblank: "name: x\ndescription: d\nmetadata:\n  short-description: ' '",
  shortnumber: "name: x\ndescription: d\nmetadata:\n  short-description: 5",
  metadatanull: "name: x\ndescription: d\nmetadata:",
  metadatalist: "name: x\ndescription: d\nmetadata: [a]",
  numbers: "name: 1.50\ndescription: 0x10",
  dates: "name: 2020-01-01\ndescription: yes",
  block: "name: x\ndescription: |\n  one: two: three\n  line   two\nother: d: e",
  folded: "name: folded\ndescription: >\n  line one\n  line two",
  blanks: "name: '  sp  aces '\ndescription: '  a   b  '",
  name64: `name: ${"é".repeat(64)}\ndescription: d`,
  name65: `name: ${"n".repeat(65)}\ndescription: d`,
  long: `name: x\ndescription: ${"d".repeat(3000)}`,
  twice: "name: x\nname: y\ndescription: d",
  comment: "# c: d\nname: x # n\ndescription: a: b #c",
  json: "{name: json, description: d}",
  tagged: "name: !!str 5\ndescription: d",
  quoted: "name: \"quo\\\"ted\"\ndescription: 'it''s'",
  continued: "name: x\ndescription: a: b\n  continued: c",
  empty: "",
};
const wholeFiles: Record<string, string | Uint8Array> = {
  nothing: "",
  nofront: "hello\n",
  unterminated: "---\nname: x\ndescription: d\n",
  crlf: "---\r\nname: crlf\r\ndescription: d\r\n---\r\n",
  bom: "\ufeff---\nname: x\ndescription: d\n---\n",
  late: "\n---\nname: x\ndescription: d\n---\n",
  blanksafter: "--- \nname: x\ndescription: d\n--- \n",
  fourdashes: "----\nname: x\ndescription: d\n----\n",
  dots: "---\nname: x\ndescription: d\n...\n",
  notutf8: Uint8Array.of(0x2d, 0xff),
  large: skillFile("large") + "x".repeat(1024 * 1024),
  almost: skillFile("almost") + "x".repeat(1024 * 1024 - 100),
};
const metadataFiles: Record<string, string | Uint8Array> = {
  dependencies: `dependencies:\n  tools:\n    - type: mcp\n      value: github\n      description: dd\n` +
    `      transport: streamable_http\n      url: http://x\n      command: cc\n      oauth: {callback_port: 7}\n` +
    `    - type: "  env_var "\n      value: " a  b "\n      description: " "\n`,
  partial:
    `dependencies:\n  tools:\n    - type: mcp\n    - value: v\n    - type: cli\n      value: gh\n      extra: 1\n`,
  lengths:
    `dependencies:\n  tools:\n    - {type: ${"t".repeat(65)}, value: v}\n    - {type: mcp, value: ${
      "v".repeat(1025)
    }}\n` +
    `    - {type: mcp, value: ok, description: ${"d".repeat(1025)}}\n`,
  notools: "dependencies:\n  tools: []\n",
  policy: "policy:\n  allow_implicit_invocation: false\n",
  products: "policy:\n  allow_implicit_invocation: true\n  products: [codex, CHATGPT, atlas]\n",
  emptypolicy: "policy: {}\n",
  unknownproduct: "policy:\n  products: [zzz]\n",
  wrongpolicy: "policy: 5\n",
  brokenmetadata: "a: [\n",
  emptymetadata: "",
  binarymetadata: Uint8Array.of(0xff),
};

const manifest = (members: object) => JSON.stringify({ name: "plug", ...members });
const plugin = (members: object, files: Record<string, string> = {}) => ({
  "1.0/.codex-plugin/plugin.json": manifest(members),
  "1.0/skills/s/SKILL.md": skillFile("s"),
  ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`1.0/${name}`, text])),
});
const versions = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [`${name}/.codex-plugin/plugin.json`, manifest({})]));
const usual = { ".mcp.json": "{}", ".app.json": `{"apps":{}}` };

/** Plugins in the user's cache, by name. */
const plugins: Record<string, Record<string, string>> = {
  full: plugin({ interface: { displayName: "  The Plug " }, version: "7" }, {
    ...usual,
    "SKILL.md": skillFile("root"),
    "skills/s/agents/openai.yaml": metadataFiles["policy"] as string,
  }),
  claude: { "1/.claude-plugin/plugin.json": manifest({}), "1/skills/s/SKILL.md": skillFile("s") },
  nameless: plugin({ name: undefined }),
  "blank-name": plugin({ name: "  " }),
  paths: plugin({ skills: "./more", mcpServers: "./m.json", apps: "./a/b.json" }, {
    ...usual,
    "m.json": `{"m":1}`,
    "a/b.json": `{"a":1}`,
    "more/t/SKILL.md": skillFile("t"),
  }),
  "paths-out": plugin({ mcpServers: "./../m.json", apps: "/etc/hostname" }, usual),
  "inline-servers": plugin({ mcpServers: { b: { z: 1, a: 2 }, a: {} } }, usual),
  "broken-manifest": plugin({}, { ".codex-plugin/plugin.json": "{" }),
  "list-manifest": plugin({}, { ".codex-plugin/plugin.json": "[]" }),
  "number-name": plugin({ name: 5 }),
  "number-interface": plugin({ interface: 5 }),
  nulls: plugin({ mcpServers: null, apps: null, skills: null }, usual),
  "broken-servers": plugin({}, { ".mcp.json": "{" }),
  "no-manifest": { "1/skills/s/SKILL.md": skillFile("s"), "1/plugin.json": "{}" },
  "v.newest": versions("1.10.0", "1.9.0"),
  "v.release": versions("1.0.0", "1.0.0-beta"),
  "v.text": versions("2.0", "10.0"),
  "v.local": versions("local", "zzz"),
  "v.build": versions("1.0.0+a", "1.0.0+b"),
  "v.blank": versions("1.0 b"),
  UP: versions("1"),
  "a b": versions("1"),
  ".hidden": versions("1"),
};

/** Files below a home, and what both servers make of them. */
const homes: Record<string, Record<string, string | Uint8Array>> = {
  "no homes at all": {},
  "front matter": {
    ...Object.fromEntries(
      Object.entries(frontMatters).map((
        [name, text],
      ) => [`${codex}/${name}/SKILL.md`, `---\n${text}\n---\n`]),
    ),
    ...Object.fromEntries(
      Object.entries(wholeFiles).map(([name, text]) => [`${codex}/${name}/SKILL.md`, text]),
    ),
  },
  "metadata": Object.fromEntries(
    Object.entries(metadataFiles).flatMap(([name, text]): [string, string | Uint8Array][] => [
      [`${codex}/${name}/SKILL.md`, skillFile(name)],
      [`${codex}/${name}/agents/openai.yaml`, text],
    ]),
  ),
  "all roots": {
    [`${codex}/a/SKILL.md`]: skillFile("a"),
    [`${codex}/.system/b/SKILL.md`]: skillFile("b"),
    [`${codex}/SKILL.md`]: "---\ndescription: d\n---\n",
    "home/.agents/skills/c/SKILL.md": skillFile("c"),
    "home/.codex/skills/d/SKILL.md": skillFile("d"),
    "codex/config.toml": "broken =",
  },
  "namespaces": {
    "codex/.claude-plugin/plugin.json": manifest({ name: "above" }),
    [`${codex}/a/SKILL.md`]: skillFile("a"),
    [`${codex}/p/.codex-plugin/plugin.json`]: manifest({ name: "p" }),
    [`${codex}/p/skills/b/SKILL.md`]: skillFile("b"),
    [`${codex}/p/in/.claude-plugin/plugin.json`]: "{}",
    [`${codex}/p/in/c/SKILL.md`]: skillFile("c"),
    [`${codex}/q/.codex-plugin/plugin.json`]: manifest({ name: " " }),
    [`${codex}/q/d/SKILL.md`]: skillFile("d"),
  },
  "plugins": Object.fromEntries(
    Object.entries(plugins).flatMap(([name, files]) =>
      Object.entries(files).map(([file, text]) => [`codex/plugins/cache/market/${name}/${file}`, text])
    ),
  ),
  "marketplaces": Object.fromEntries(
    ["zz/aaa", "mm/bbb", "m m/x", ".h/x", "M@M/x"].map((name) => [
      `codex/plugins/cache/${name}/1/.codex-plugin/plugin.json`,
      manifest({ name: "n" }),
    ]),
  ),
};

for (const runtime of runtimes) {
  const test = (name: string, body: () => Promise<void>) =>
    Deno.test(`${method} on ${runtime} ${name}`, body);
  const startOurs = (folder: TestFolder) => () => startOperations(runtime, { env: environment(folder) });

  for (const [name, files] of Object.entries(homes)) {
    test(`finds what the reference server finds: ${name}`, async () => {
      await using folder = await makeFolder(files);
      const ours = await discover(startOurs(folder), folder);
      const theirs = await discover(() => startReference({ env: environment(folder) }), folder);
      deepStrictEqual(ours.skills.map(summary), theirs.skills.map(summary));
      deepStrictEqual(ours.skills, theirs.skills);
      deepStrictEqual(ours.plugins, theirs.plugins);
      strictEqual(ours.warnings.length > 0, theirs.warnings.length > 0);
    });
  }

  test("follows links to directories, once each, and stops at six levels", async () => {
    const levels = Array.from(
      { length: 8 },
      (_, level) => Array.from({ length: level + 1 }, () => "n").join("/"),
    );
    await using folder = await makeFolder({
      ...Object.fromEntries(
        levels.map((path, level) => [`${codex}/${path}/SKILL.md`, skillFile(`level${level}`)]),
      ),
      "elsewhere/e/SKILL.md": skillFile("e"),
      [`${codex}/real/SKILL.md`]: skillFile("real"),
      [`${codex}/file/x`]: "",
    });
    const link = (from: string, to: string) => Deno.symlink(folder.join(to), folder.join(codex, from));
    await link("again", `${codex}/real`);
    await link("loop", codex);
    await link("out", "elsewhere");
    await link("dangling", "none");
    await link("file/SKILL.md", `${codex}/real/SKILL.md`);
    const ours = await discover(startOurs(folder), folder);
    deepStrictEqual(ours, await discover(() => startReference({ env: environment(folder) }), folder));
    strictEqual(ours.skills.filter((skill: { name: string }) => skill.name === "real").length, 1);
    ok(ours.skills.some((skill: { name: string }) => skill.name === "level5"));
    ok(!ours.skills.some((skill: { name: string }) => skill.name === "level6"));
  });

  test("says which files it could not use and sees what is installed later", async () => {
    await using folder = await makeFolder({
      [`${codex}/bad/SKILL.md`]: "x",
      "codex/plugins/cache/market/plug/1.0/.codex-plugin/plugin.json": manifest({ name: 5 }),
    });
    await using operations = startOperations(runtime, { env: environment(folder) });
    const { result } = await operations.call(method, { cwd: "file:///" });
    strictEqual(result.warnings.length, 2);
    match(result.warnings[0], /^skill file:\/\/.*\/bad\/SKILL\.md has no front matter between --- lines$/);
    match(result.warnings[1], /^plugin plug@market has no usable manifest in file:\/\/.*\/1\.0$/);
    await folder.write(`${codex}/new/SKILL.md`, skillFile("new"));
    const later = await operations.call(method, { cwd: "file:///" });
    deepStrictEqual(later.result.skills.map(({ name }: { name: string }) => name), ["new"]);
  });

  test("is not brought down by what is nested without end", async () => {
    const deep = "[".repeat(200_000);
    const servers = `{"name":"n","mcpServers":{"a":${deep}${"]".repeat(200_000)}}}`;
    await using folder = await makeFolder({
      [`${codex}/a/SKILL.md`]: `---\nname: ${deep}\ndescription: d\n---\n`,
      [`${codex}/a/less/SKILL.md`]: `---\nname: ${deep.slice(0, 20_000)}\ndescription: d\n---\n`,
      [`${codex}/b/SKILL.md`]: skillFile("b"),
      [`${codex}/b/agents/openai.yaml`]: `policy: ${deep}\n`,
      "codex/plugins/cache/market/plug/1/.codex-plugin/plugin.json": servers,
    });
    await using operations = startOperations(runtime, { env: environment(folder) });
    const { result } = await operations.call(method, { cwd: "file:///" });
    deepStrictEqual(result.skills.map(({ name }: { name: string }) => name), ["b"]);
    match(result.warnings[0], /^skill .*\/a\/SKILL\.md has front matter of more than 65536 characters$/);
    match(result.warnings[1], /^skill .*\/a\/less\/SKILL\.md has /);
  });

  test("looks in the system's directory too", async () => {
    await using folder = await makeFolder({ "system/skills/d/SKILL.md": skillFile("d") });
    const MACHINE = JSON.stringify({
      systemConfigDirectory: folder.join("system"),
      homeDirectory: folder.path,
      codexHome: "",
    });
    await using operations = startOperations(runtime, { env: { MACHINE } });
    const { result } = await operations.call(method, { cwd: "file:///" });
    deepStrictEqual(result.skills, [{
      name: "d",
      description: "d",
      shortDescription: null,
      path: `file://${folder.join("system/skills/d/SKILL.md")}`,
      discoveryRoot: { id: "system-skills", path: `file://${folder.join("system/skills")}` },
      dependencies: null,
      policy: null,
    }]);
  });

  test("stops at its limits and says so", async () => {
    await using folder = await makeFolder();
    for (let index = 0; index < 2_100; index++) {
      await folder.write(`${codex}/s${index}/SKILL.md`, skillFile(`s${index}`));
    }
    const ours = await discover(startOurs(folder), folder);
    const theirs = await discover(() => startReference({ env: environment(folder) }), folder);
    strictEqual(ours.skills.length, theirs.skills.length);
    match(ours.warnings[0], /^capability scan reached its traversal limit/);
  });

  test("finds in a sandbox what that leaves, and warns of what it shuts", async () => {
    await using folder = await makeFolder({
      "codex/skills/open/SKILL.md": skillFile("open"),
      "codex/skills/shut/SKILL.md": skillFile("shut"),
      "home/.agents/skills/away/SKILL.md": skillFile("away"),
    });
    await using operations = startOperations(runtime, { env: environment(folder) });
    const entry = (access: string, path: string) => ({
      access,
      path: { type: "path", path: `file://${path}` },
    });
    const sandboxed = async (...entries: object[]) => {
      const file_system = { type: "restricted", entries };
      const permissions = { type: "managed", network: "enabled", file_system };
      const sandbox = { windowsSandboxLevel: "disabled", permissions };
      return (await operations.call(method, { cwd: "file:///", sandbox })).result;
    };
    const some = await sandboxed(
      entry("read", folder.path),
      entry("none", folder.join("codex/skills/shut")),
      entry("none", folder.join("home")),
    );
    deepStrictEqual(some.skills.map(({ name }: { name: string }) => name), ["open"], JSON.stringify(some));
    ok(some.warnings.length > 0);
    for (const warning of some.warnings) match(warning, /Permission denied \(os error 13\)$/);
    deepStrictEqual(await sandboxed(), { plugins: [], skills: [], warnings: [] });
  });

  test("checks its params, and a sandbox that cannot be obeyed", async () => {
    await using operations = startOperations(runtime);
    const code = async (params: object) => (await operations.call(method, params)).error?.code;
    strictEqual(await code({}), -32602);
    strictEqual(await code({ cwd: "/x" }), -32602);
    strictEqual(await code({ cwd: "file://host/x" }), undefined);
    const sandbox = { windowsSandboxLevel: "disabled", permissions: { type: "disabled" } };
    strictEqual(await code({ cwd: "file:///", sandbox }), undefined);
    strictEqual(await code({ cwd: "file:///", sandbox: {} }), -32602);
    const pattern = { access: "read", path: { type: "glob_pattern", pattern: "/*" } };
    const file_system = { type: "restricted", entries: [pattern] };
    const permissions = { type: "managed", network: "enabled", file_system };
    strictEqual(await code({ cwd: "file:///", sandbox: { ...sandbox, permissions } }), -32603);
  });
}

function summary({ path, name }: { path: string; name: string }): string {
  return `${path} ${name}`;
}
