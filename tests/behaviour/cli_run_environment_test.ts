import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { Environment } from "../../src/machine/environment.ts";
import { host } from "../../src/runtime/deno/program.ts";
import { runScript } from "../support/backend_process.ts";
import { runCommand } from "../support/command.ts";
import { serverCommand, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** A home with an `environments.toml`. */
async function homeWith(toml: string): Promise<TempFolder> {
  const home = new TempFolder();
  await home.write("environments.toml", toml);
  return home;
}

/** Runs on a named environment. */
async function runOn(home: TempFolder, name: string, ...command: string[]) {
  return await runCommand(["run", "--environment", name, "--", ...command], {
    env: { CODEX_HOME: home.path, OF_CLIENT: "1" },
  });
}

/** A server command, as TOML. */
function stdioServer(rest = ""): string {
  const [program, ...args] = [...serverCommand(), "serve", "--listen", "stdio"];
  const lines = [`program = ${JSON.stringify(program)}`, `args = ${JSON.stringify(args)}`, rest];
  return `[[environments]]\nid = "there"\n${lines.join("\n")}\n`;
}

Deno.test("run goes to a server by its name", async () => {
  await using folder = new TempFolder();
  const token = await folder.write("token", "s3cret");
  await using server = await startServer({
    args: ["--ws-auth=capability-token", `--ws-token-file=${token}`],
    cwd: "/usr",
  });
  await using home = await homeWith(
    `[[environments]]\nid = "there"\nurl = "${server.url}"\nauth_bearer_token = "s3cret"\n`,
  );
  const { code, text, stderr } = await runOn(home, "there", "sh", "-c", "pwd; echo $OF_CLIENT.; exit 3");
  deepStrictEqual([code, text, stderr], [3, "/usr\n.\n", ""]);
});

Deno.test("run starts a server command by its name, with its variables and its directory", async () => {
  await using home = await homeWith(stdioServer('cwd = "below"\nenv = { OF_FILE = "2" }'));
  await Deno.mkdir(`${home.path}/below`);
  const { code, text, stderr } = await runOn(
    home,
    "there",
    "sh",
    "-c",
    "pwd; echo $OF_CLIENT $OF_FILE; exit 3",
  );
  deepStrictEqual([code, text, stderr], [3, `${home.path}/below\n1 2\n`, ""]);
});

Deno.test("local is this machine, with or without a file", async () => {
  await using home = await homeWith("");
  await using empty = new TempFolder();
  for (const folder of [home, empty]) {
    const { code, text } = await runOn(folder, "local", "pwd");
    deepStrictEqual([code, text], [0, `${Deno.cwd()}\n`]);
  }
});

Deno.test("run without a name goes where the file's default says", async () => {
  await using server = await startServer({ cwd: "/usr" });
  const there = `[[environments]]\nid = "there"\nurl = "${server.url}"\n`;
  const defaults: [toml: string, outcome: [code: number, text: string, stderr: RegExp]][] = [
    [`default = "there"\n${there}`, [0, "/usr\n", /^$/]],
    [there, [0, `${Deno.cwd()}\n`, /^$/]],
    [`default = "local"\n${there}`, [0, `${Deno.cwd()}\n`, /^$/]],
    [`default = "none"\n${there}`, [
      2,
      "",
      /^exec-server: --environment: ".*" has no default environment: name one of/,
    ]],
    [`default = "gone"\n${there}`, [
      2,
      "",
      /"gone" is not configured; --environment local is this machine\n$/,
    ]],
  ];
  for (const [toml, [code, text, stderr]] of defaults) {
    await using home = await homeWith(toml);
    const outcome = await runCommand(["run", "--", "pwd"], { env: { CODEX_HOME: home.path } });
    deepStrictEqual([outcome.code, outcome.text], [code, text], toml);
    match(outcome.stderr, stderr);
    // Who names a server has said where.
    const named = await runCommand(["run", "--url", server.url, "--", "pwd"], {
      env: { CODEX_HOME: home.path },
    });
    deepStrictEqual([named.code, named.text], [0, "/usr\n"]);
  }
});

Deno.test("run without a name runs here where no file can be found", async () => {
  const { code, text } = await runCommand(["run", "--", "pwd"], { env: { CODEX_HOME: "/nonexistent" } });
  deepStrictEqual([code, text], [0, `${Deno.cwd()}\n`]);
});

Deno.test("a name is told where its file was looked for", async () => {
  await using home = new TempFolder();
  const { code, stderr } = await runOn(home, "there", "true");
  strictEqual(code, 2);
  strictEqual(
    stderr,
    `exec-server: --environment: No environment "there": there is no "${home.path}/environments.toml", ` +
      "so local is the only name; CODEX_HOME says where else to look\n",
  );
});

Deno.test("a name that is not there is told, with those that are", async () => {
  await using home = await homeWith('[[environments]]\nid = "there"\nurl = "ws://127.0.0.1:1"\n');
  const { code, text, stderr } = await runOn(home, "ther", "true");
  deepStrictEqual([code, text], [2, ""]);
  strictEqual(
    stderr,
    `exec-server: --environment: No environment "ther" in "${home.path}/environments.toml"; there are there, local\n`,
  );
});

Deno.test("a file with a mistake is told by its line", async () => {
  await using home = await homeWith('[[environments]]\nid = "there"\nuri = "ws://127.0.0.1:1"\n');
  const { code, stderr } = await runOn(home, "there", "true");
  strictEqual(code, 2);
  ok(
    stderr.startsWith(`exec-server: --environment: ${home.path}/environments.toml:3: Unknown key "uri"`),
    stderr,
  );
});

Deno.test("a server command that does not serve is told, with what it said", async () => {
  await using home = await homeWith(
    '[[environments]]\nid = "there"\nprogram = "sh"\nargs = ["-c", "echo no such host >&2; exit 1"]\n',
  );
  const { code, text, stderr } = await runOn(home, "there", "true");
  deepStrictEqual([code, text], [125, ""]);
  match(
    stderr,
    /^exec-server: The environment "there" is not there: [^\n]* \(exit code 1\); its stderr ends: no such host\n$/,
  );
});

Deno.test("a name and a URL do not go together", async () => {
  const { code, stderr } = await runCommand([
    "run",
    "--environment=a",
    "--url=ws://127.0.0.1:1",
    "--",
    "true",
  ]);
  deepStrictEqual([code, stderr], [
    2,
    "exec-server: --url and --environment both name a server: choose one\n",
  ]);
});

Deno.test("a program has the machine of a name, or the default one", async () => {
  await using home = await homeWith(`default = "there"\n${stdioServer('env = { OF_FILE = "2" }')}`);
  Deno.env.set("CODEX_HOME", home.path);
  try {
    for (const name of ["there", undefined]) {
      await using machine = await Environment.named(name, { host });
      const { text } = await runScript(machine.exec, "echo $OF_FILE", {
        envPolicy: { inherit: "all", ignoreDefaultExcludes: true, exclude: [], set: {}, includeOnly: [] },
      });
      strictEqual(text, "2\n");
    }
    await using local = await Environment.named("local", { host });
    strictEqual(local.info.workingDirectory, Deno.cwd());
  } finally {
    Deno.env.delete("CODEX_HOME");
  }
});
