import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { parse } from "smol-toml";
import { type Callable, runtimes, startOperations, startReference } from "../support/callable.ts";
import { makeFolder, type TestFolder } from "../support/files.ts";

const method = "environmentConfig/read";
const servers = [["mcp_servers"]];

/** The operations on a made-up machine: `system/` and `home/.codex/` of a folder. */
function startOn(runtime: "deno" | "bun", folder: TestFolder): Callable {
  const machine = {
    homeDirectory: folder.join("home"),
    systemConfigDirectory: folder.join("system"),
    codexHome: "",
  };
  return startOperations(runtime, { env: { MACHINE: JSON.stringify(machine) } });
}

function ask(callable: Callable, configPaths: string[][], requirementsPaths: string[][] = []) {
  return callable.call(method, { cwd: "file:///", configPaths, requirementsPaths });
}

for (const runtime of runtimes) {
  const test = (name: string, body: () => Promise<void>) =>
    Deno.test(`${method} on ${runtime} ${name}`, body);

  test("answers the homes and no layers where there is no configuration", async () => {
    await using folder = await makeFolder();
    await using operations = startOn(runtime, folder);
    const empty = { layers: [], cloudInsertionIndex: 0 };
    deepStrictEqual((await ask(operations, servers, servers)).result, {
      userHomeDir: `file://${folder.join("home")}`,
      codexHomeDir: `file://${folder.join("home/.codex")}`,
      hostname: Deno.hostname(),
      config: empty,
      requirements: empty,
    });
  });

  test("orders the layers and says where layers from elsewhere go", async () => {
    await using folder = await makeFolder({
      "system/config.toml": `model = "system"\n[mcp_servers.s]\ncommand = "x"\n`,
      "home/.codex/config.toml": `model = "user"\n[mcp_servers.u]\ncommand = "y"\n`,
      "system/managed_config.toml": `approval_policy = "never"\n[mcp_servers.m]\ncommand = "z"\n`,
      "system/requirements.toml": `[mcp_servers.s]\nid = "x"\n`,
    });
    await using operations = startOn(runtime, folder);
    const { result } = await ask(operations, servers, [...servers, ["allowed_approval_policies"]]);
    const [system, home] = [folder.join("system"), folder.join("home/.codex")];
    deepStrictEqual(result.config, {
      layers: [
        {
          source: `system (${system}/config.toml)`,
          baseDir: `file://${system}`,
          toml: `[mcp_servers.s]\ncommand = "x"\n`,
        },
        {
          source: `user (${home}/config.toml)`,
          baseDir: `file://${home}`,
          toml: `[mcp_servers.u]\ncommand = "y"\n`,
        },
        {
          source: `legacy managed_config.toml (${system}/managed_config.toml)`,
          baseDir: `file://${system}`,
          toml: `[mcp_servers.m]\ncommand = "z"\n`,
        },
      ],
      cloudInsertionIndex: 1,
    });
    deepStrictEqual(result.requirements, {
      layers: [
        {
          source: `${system}/requirements.toml`,
          baseDir: `file://${system}`,
          toml: `[mcp_servers.s]\nid = "x"\n`,
        },
        {
          source: `${system}/managed_config.toml`,
          baseDir: `file://${system}`,
          toml: `allowed_approval_policies = [ "never" ]\n`,
        },
      ],
      cloudInsertionIndex: 1,
    });
    const user = (await ask(operations, [["mcp_servers", "u"]], [["allowed_approval_policies"]])).result;
    // The system's file has the table above the key, and so a layer.
    strictEqual(user.config.cloudInsertionIndex, 1);
    strictEqual(user.requirements.cloudInsertionIndex, 0);
    strictEqual((await ask(operations, [["nothing"]])).result.config.layers.length, 0);
  });

  test("turns an administrator's settings into requirements", async () => {
    await using folder = await makeFolder();
    await using operations = startOn(runtime, folder);
    const asked = [["allowed_sandbox_modes"], ["allowed_approval_policies"], ["allowed_approvals_reviewers"]];
    const required = async (managed: string) => {
      await folder.write("system/managed_config.toml", managed);
      const { result, error } = await ask(operations, [], asked);
      return error ?? structuredClone(parse(result.requirements.layers[0].toml));
    };
    deepStrictEqual(await required(`sandbox_mode = "read-only"`), { allowed_sandbox_modes: ["read-only"] });
    deepStrictEqual(await required(`sandbox_mode = "workspace-write"`), {
      allowed_sandbox_modes: ["read-only", "workspace-write"],
    });
    deepStrictEqual(await required(`sandbox_mode = "danger-full-access"`), {
      allowed_sandbox_modes: ["read-only", "danger-full-access"],
    });
    deepStrictEqual(await required(`approval_policy = "untrusted"`), {
      allowed_approval_policies: ["untrusted"],
    });
    deepStrictEqual(await required(`approval_policy = "on-failure"`), {
      allowed_approval_policies: ["on-request"],
    });
    deepStrictEqual(await required(`approvals_reviewer = "user"`), { allowed_approvals_reviewers: ["user"] });
    deepStrictEqual(
      await required(
        `[approval_policy.granular]\nsandbox_approval = true\nrules = true\nmcp_elicitations = true`,
      ),
      {
        allowed_approval_policies: [{
          granular: {
            sandbox_approval: true,
            rules: true,
            skill_approval: false,
            request_permissions: false,
            mcp_elicitations: true,
          },
        }],
      },
    );
    for (const setting of [`sandbox_mode = "zzz"`, "approval_policy = 5", "sandbox_mode ="]) {
      const error = await required(setting);
      strictEqual(error.code, -32603);
      match(error.message, /^failed to load executor-local config: .*managed_config\.toml/);
    }
  });

  test("names the file and the place of what it cannot read, whatever is asked", async () => {
    for (const name of ["system/config.toml", "home/.codex/config.toml", "system/requirements.toml"]) {
      await using folder = await makeFolder({ [name]: "a = 1\nb = \n" });
      await using operations = startOn(runtime, folder);
      const { error } = await ask(operations, servers);
      strictEqual(error.code, -32603);
      strictEqual(
        error.message,
        `failed to load executor-local config: ${folder.join(name)}:2:5: invalid value`,
      );
    }
    await using folder = await makeFolder({ "home/.codex/config.toml/x": "" });
    await using operations = startOn(runtime, folder);
    const path = folder.join("home/.codex/config.toml");
    const failure = `failed to load executor-local config: Failed to read config file ${path}:`;
    strictEqual((await ask(operations, servers)).error.message, `${failure} is not a file`);
    await Deno.remove(path, { recursive: true });
    await folder.write("home/.codex/config.toml", Uint8Array.of(0x61, 0xff));
    strictEqual((await ask(operations, servers)).error.message, `${failure} is not UTF-8`);
    await folder.write("home/.codex/config.toml", "#".repeat(5_000_000));
    match((await ask(operations, servers)).error.message, /exceeds the \d+-byte limit$/);
    await Deno.remove(path);
    // Opening a pipe waits for its writer, and this one has none.
    await new Deno.Command("mkfifo", { args: [path] }).output();
    strictEqual((await ask(operations, servers)).error.message, `${failure} is not a file`);
  });

  test("reads and selects what the reference server reads and selects", async () => {
    await using home = await makeFolder();
    await using reference = await startReference({ env: { CODEX_HOME: home.path } });
    await using operations = startOperations(runtime, { env: { CODEX_HOME: home.path } });
    const documents = [
      `model = "m" # why\n[mcp_servers.foo]\ncommand = "c"\nargs = ["a", 'b']\n[mcp_servers.foo.env]\n"K E" = "v"\n` +
      `[mcp_servers.bar]\nurl = "u"\n[[hooks]]\nn = 1\n[[hooks]]\nn = 2\n[a.b.c]\nd.e = 1\n`,
      `a = 9223372036854775807\nb = 1.0\nc = 1e6\nd = inf\ne = -9223372036854775808\nf = 0.1\ng = 0xff\nh = true\n`,
      `a = 1979-05-27T07:32:00Z\nb = 1979-05-27\nc = 07:32:00\nd = 1979-05-27T07:32:00\n`,
      `a = """\none\n"two" '''\n"""\nb = 'back\\slash'\nc = "\\u0001\\u007f\\t"\nd = "é☃😀"\ne = ""\nf = "a\\r\\nb"\n`,
      `a = [[1], [2, "x"], {q = 1}]\nb = {}\nc = []\nd = [{}]\n[mcp_servers]\n[mcp_servers.x]\n`,
      `"a.b" = 1\n"" = 2\n"é" = 3\n'a"b' = 4\n1 = 5\nx-y_z = 6\n"new\\nline" = 7\n__proto__ = 8\n[constructor]\nx = 9\n`,
      `\ufeffa = 1\r\nb = """x\r\ny"""\r\n`,
      "",
    ];
    const everything = [
      ..."abcdefgh1",
      "",
      "a.b",
      "é",
      'a"b',
      "x-y_z",
      "new\nline",
      "__proto__",
      "constructor",
    ];
    const questions = [
      everything.map((key) => [key]),
      servers,
      [["mcp_servers", "foo"], ["model"]],
      [["mcp_servers", "foo", "args"], ["mcp_servers", "bar"]],
      [["mcp_servers", "none"], ["model", "x"], ["hooks", "0"]],
      [["mcp_servers"], ["mcp_servers", "foo"]],
      [["a", "b", "c", "d"]],
      [["none"]],
    ];
    for (const document of documents) {
      await home.write("config.toml", document);
      for (const question of questions) {
        const ours = comparable(await ask(operations, question));
        deepStrictEqual(
          ours,
          comparable(await ask(reference, question)),
          `${document} ${JSON.stringify(question)}`,
        );
      }
    }
    await home.write("config.toml", "a = ");
    strictEqual((await ask(operations, servers)).error.code, (await ask(reference, servers)).error.code);
  });

  test("refuses what the reference server refuses", async () => {
    await using home = await makeFolder();
    await using reference = await startReference({ env: { CODEX_HOME: home.path } });
    await using operations = startOperations(runtime, { env: { CODEX_HOME: home.path } });
    const refusals = [
      { cwd: "file:///", configPaths: [], requirementsPaths: [] },
      { cwd: "file:///", configPaths: [["a"], []], requirementsPaths: [] },
      { cwd: "file:///", configPaths: [], requirementsPaths: [[]] },
      { cwd: "file:///C:/x", configPaths: [["a"]], requirementsPaths: [] },
      { cwd: "file://host/x", configPaths: [["a"]], requirementsPaths: [] },
      { cwd: "/tmp", configPaths: [["a"]], requirementsPaths: [] },
    ];
    for (const params of refusals) {
      deepStrictEqual(await operations.call(method, params), await reference.call(method, params));
    }
    for (const params of [{}, { cwd: "file:///", configPaths: [[1]], requirementsPaths: [] }]) {
      strictEqual((await operations.call(method, params)).error.code, -32602);
      strictEqual((await reference.call(method, params)).error.code, -32602);
    }
  });

  test("resolves the links in CODEX_HOME and says when it names nothing", async () => {
    await using folder = await makeFolder({ "real/config.toml": "a = 1\n" });
    await Deno.symlink(folder.join("real"), folder.join("link"));
    await using operations = startOperations(runtime, { env: { CODEX_HOME: folder.join("link") } });
    strictEqual((await ask(operations, [["a"]])).result.codexHomeDir, `file://${folder.join("real")}`);
    await Deno.remove(folder.join("real"), { recursive: true });
    deepStrictEqual((await ask(operations, [["a"]])).error, {
      code: -32603,
      message: `failed to find Codex home: CODEX_HOME points to "${folder.join("link")}", ` +
        "but that path does not exist",
    });
  });
}

/** The answer with its TOML read: printers put blanks and quotes where they like. */
// deno-lint-ignore no-explicit-any
function comparable({ result, error }: { result?: any; error?: any }) {
  if (error) return error;
  const { config: { layers, cloudInsertionIndex }, requirements, ...rest } = result;
  const read = layers.map(({ toml, ...layer }: { toml: string }) => ({
    ...layer,
    table: parse(toml, { integersAsBigInt: true }),
  }));
  return { ...rest, requirements, cloudInsertionIndex, layers: read };
}
