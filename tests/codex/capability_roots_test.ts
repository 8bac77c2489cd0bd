import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { CAPABILITY_ROOTS } from "../../src/limits.ts";
import { runtimes, startOperations, startReference } from "../support/callable.ts";
import { makeFolder } from "../support/files.ts";

const method = "capabilityRoots/discoverV1";
const skill = "---\nname: sk\ndescription: d\n---\nbody\n";
const manifest = (members: object) => JSON.stringify({ name: "plug", ...members });

/** Roots by name, each with its files. */
const roots: Record<string, Record<string, string | Uint8Array>> = {
  empty: { "x/y": "" },
  "skill as root": { "SKILL.md": skill, "agents/openai.yaml": "policy: {}\n" },
  "broken skills": { "a/SKILL.md": "no front matter", "b/SKILL.md": "", "c/skill.md": skill },
  "metadata directory": { "a/SKILL.md": skill, "a/agents/openai.yaml/x": "" },
  plugin: {
    ".codex-plugin/plugin.json": manifest({}),
    ".mcp.json": "{}",
    ".app.json": "{}",
    "SKILL.md": skill,
    "other/SKILL.md": skill,
    "skills/x/SKILL.md": skill,
    "skills/x/agents/openai.yaml": "a: 1\n",
  },
  "plugin for Claude": { ".claude-plugin/plugin.json": manifest({}), "skills/x/SKILL.md": skill },
  "plugin for Cursor": { ".cursor-plugin/plugin.json": manifest({}), "skills/x/SKILL.md": skill },
  "plugin for Cursor and Claude": {
    ".claude-plugin/plugin.json": manifest({ name: "c" }),
    ".cursor-plugin/plugin.json": manifest({ name: "d" }),
  },
  "plugin for others": { ".gemini-plugin/plugin.json": manifest({}), "plugin.json": manifest({}) },
  "plugin for Cursor below": { "p/.cursor-plugin/plugin.json": manifest({}), "p/x/SKILL.md": skill },
  "a+b@[c]": { ".codex-plugin/plugin.json": manifest({}), "d+e@/SKILL.md": skill },
  "above+/a@b": { "SKILL.md": skill },
  "above+": { ".codex-plugin/plugin.json": manifest({}) },
  "plugin for both": {
    ".claude-plugin/plugin.json": manifest({ name: "c" }),
    ".codex-plugin/plugin.json": "{",
  },
  "plugin with paths": {
    ".codex-plugin/plugin.json": manifest({ skills: "./more", mcpServers: "./m.json", apps: "./a/b.json" }),
    ".mcp.json": "{}",
    "m.json": `{"m":1}`,
    "a/b.json": `{"a":1}`,
    "more/x/SKILL.md": skill,
    "skills/y/SKILL.md": skill,
  },
  "plugin with paths to nothing": {
    ".codex-plugin/plugin.json": manifest({ mcpServers: "./none.json", apps: "./none.json" }),
    ".mcp.json": "{}",
  },
  "plugin with servers inside": {
    ".codex-plugin/plugin.json": manifest({ mcpServers: { a: {} } }),
    ".mcp.json": "{}",
  },
  "servers without a plugin": { ".mcp.json": "{}" },
  "manifest directory": { ".codex-plugin/plugin.json/x": "" },
  "plugins below": {
    "p1/.codex-plugin/plugin.json": manifest({ name: "p1" }),
    "p1/skills/a/SKILL.md": skill,
    "p1/skills/in/.codex-plugin/plugin.json": manifest({ name: "in" }),
    "p2/.claude-plugin/plugin.json": manifest({ name: "p2" }),
    "p3/.codex-plugin/plugin.json": "{",
    "p3/.claude-plugin/plugin.json": manifest({ name: "p3" }),
  },
  "hidden and dependencies": {
    ".h/SKILL.md": skill,
    ".git/x/SKILL.md": skill,
    "node_modules/x/SKILL.md": skill,
  },
  "names of all kinds": {
    "B/SKILL.md": skill,
    "a/SKILL.md": skill,
    "é/SKILL.md": skill,
    " /SKILL.md": skill,
  },
  "deep": { "1/2/3/4/5/6/SKILL.md": skill, "1/2/3/4/5/6/7/SKILL.md": skill },
  "not UTF-8": { "a/SKILL.md": Uint8Array.of(0xff), ".codex-plugin/plugin.json": Uint8Array.of(0xff) },
  "too large": { "a/SKILL.md": skill + "x".repeat(1024 * 1024) },
};

for (const runtime of runtimes) {
  const test = (name: string, body: () => Promise<void>) =>
    Deno.test(`${method} on ${runtime} ${name}`, body);

  test("finds what the reference server finds", async () => {
    await using folder = await makeFolder();
    for (const [root, files] of Object.entries(roots)) {
      for (const [name, content] of Object.entries(files)) await folder.write(`${root}/${name}`, content);
    }
    await folder.write("above/.codex-plugin/plugin.json", manifest({ name: "above" }));
    await folder.write("above/between/skills/a/SKILL.md", skill);
    await folder.write("a file", "");
    await Deno.symlink(folder.join("plugin"), folder.join("link"));
    const names = [...Object.keys(roots), "above/between/skills", "a file", "a file/x", "none", "link"];
    const params = {
      roots: [
        ...names.map((name) => ({ id: name, path: `file://${folder.join(name).replaceAll(" ", "%20")}` })),
        // Whoever spells a name in one way is told it in that way.
        ...["a%2Bb%40%5Bc%5D", "a%2bb%40[c]/", "x/../a+b@[c]//", "above%2B/a%40b"].map((name) => (
          { id: name, path: `file://${folder.path}/${name}` }
        )),
        { id: "", path: "file://host/x" },
        { id: "", path: "file:///C:/x", sandbox: null },
      ],
    };
    await using reference = await startReference();
    await using operations = startOperations(runtime);
    const ours = (await operations.call(method, params)).result.roots;
    const theirs = (await reference.call(method, params)).result.roots;
    // Warnings are for people; the reference repeats them and quotes its library.
    for (const [index, { warnings, ...root }] of theirs.entries()) {
      const { warnings: ourWarnings, ...ourRoot } = ours[index];
      deepStrictEqual(ourRoot, root);
      strictEqual(ourWarnings.length, new Set(warnings).size, root.path);
    }
    const [text, bytes] = ours.filter(({ id }: { id: string }) => /UTF|large/.test(id));
    match(text.warnings[0], /^capability file file:\/\/\/.*\/plugin\.json is not UTF-8$/);
    match(bytes.warnings[0], /^capability file file:\/\/\/.*\/SKILL\.md exceeds the 1048576-byte limit$/);
  });

  test("ignores paths that lead out of a plugin", async () => {
    await using folder = await makeFolder({ "m.json": "{}" });
    await using operations = startOperations(runtime);
    for (const path of ["../m.json", "./../m.json", "/etc/hostname", "m.json", "./", "./a//m.json"]) {
      await folder.write("p/.codex-plugin/plugin.json", manifest({ mcpServers: path }));
      await folder.write("p/.mcp.json", "usual");
      const { result } = await operations.call(method, {
        roots: [{ id: "p", path: `file://${folder.join("p")}` }],
      });
      const [root] = result.roots;
      strictEqual(root.plugin.mcpConfig.contents, "usual");
      match(root.warnings[0], /^ignoring mcpServers in .*: path must start with `\.\/`/);
    }
  });

  test("answers no more than a message holds", async () => {
    await using folder = await makeFolder();
    for (let index = 0; index < 20; index++) {
      await folder.write(`s${index}/SKILL.md`, "x".repeat(1_000_000));
    }
    await using operations = startOperations(runtime);
    const path = `file://${folder.path}`;
    const { result } = await operations.call(method, { roots: [{ id: "a", path }, { id: "b", path }] });
    const [first, second] = result.roots;
    strictEqual(first.skills.length, 16);
    strictEqual(second.skills.length, 0);
    for (const root of [first, second]) {
      deepStrictEqual(root.warnings, ["capability root bundle exceeds the 16777216-byte limit"]);
    }
  });

  test("reads of a root what its sandbox leaves of it", async () => {
    await using folder = await makeFolder({ "a/SKILL.md": skill });
    await using operations = startOperations(runtime);
    const file_system = { type: "restricted", entries: [] };
    const confined = { type: "managed", network: "enabled", file_system };
    const sandbox = (permissions: object) => ({ permissions, windowsSandboxLevel: "disabled" });
    const path = `file://${folder.path}`;
    const { result } = await operations.call(method, {
      roots: [
        { id: "confined", path, sandbox: sandbox(confined) },
        { id: "free", path, sandbox: sandbox({ type: "disabled" }) },
      ],
    });
    deepStrictEqual(result.roots[0].skills, []);
    match(result.roots[0].error, /^failed to inspect capability root .*: No such file or directory/);
    strictEqual(result.roots[1].skills.length, 1);
    strictEqual(result.roots[1].error, null);
  });

  test("checks its params", async () => {
    await using operations = startOperations(runtime);
    const code = async (params: object) => (await operations.call(method, params)).error?.code;
    for (
      const params of [{}, { roots: null }, { roots: [{ id: "a" }] }, {
        roots: [{ id: 5, path: "file:///" }],
      }]
    ) {
      strictEqual(await code(params), -32602);
    }
    strictEqual(await code({ roots: [{ id: "a", path: "/x" }] }), -32602);
    const many = Array.from({ length: CAPABILITY_ROOTS + 1 }, () => ({ id: "", path: "file:///none" }));
    strictEqual(await code({ roots: many }), -32600);
    ok((await operations.call(method, { roots: many.slice(1) })).result.roots.length === CAPABILITY_ROOTS);
  });
}
