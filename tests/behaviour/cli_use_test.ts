/** `use`, and the default server that commands are about. */
import { deepStrictEqual as same, match, strictEqual as is } from "node:assert/strict";
import { chmodSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../support/command.ts";
import { startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("a default server is chosen, used by run, and gone without", async () => {
  await using server = await startServer({ args: ["--log-level", "off"] });
  await using folder = new TempFolder();
  const env = { CODEX_HOME: folder.path, EXEC_SERVER_URL: "" };
  const file = await folder.write(
    "real.toml",
    `# mine\n[[environments]]\nid = "there"\nurl = "${server.url}"\n\n[[environments]]\nid = "gone"\nurl = "ws://127.0.0.1:1"\n`,
  );
  chmodSync(file, 0o640);
  symlinkSync(file, join(folder.path, "environments.toml"));
  const use = (...args: string[]) => runCommand(["use", ...args], { env });
  same((await use()).text, `  there  ${server.url}\n  gone   ws://127.0.0.1:1\n* local  this machine\n`);

  same(await use("there").then(({ code, text, stderr }) => [code, text, stderr]), [0, "", ""]);
  match(Deno.readTextFileSync(file), /^default = "there"\n# mine\n/);
  is(statSync(file).mode & 0o777, 0o640);
  await runCommand(["run", "-d", "--name", "left", "--", "sleep", "1000"], { env });
  match((await runCommand(["ps"], { env })).text, / left +running /);

  is((await use("gone")).code, 0);
  match((await use()).text, /^\* gone/m);
  const failed = await runCommand(["run", "--", "true"], { env });
  is(failed.code, 125);
  match(failed.stderr, /The default environment "gone" is not there: .*--environment local goes without/);
  same((await runCommand(["run", "--environment", "local", "--", "echo", "here"], { env })).text, "here\n");

  is((await use("local")).code, 0);
  match(Deno.readTextFileSync(file), /^default = "local"\n# mine\n/);
});

Deno.test("what is no name, and a file that is not understood, is left as it is", async () => {
  await using folder = new TempFolder();
  const env = { CODEX_HOME: folder.path };
  const use = (...args: string[]) => runCommand(["use", ...args], { env });
  match((await use("build")).stderr, /No environment "build": there is no ".*environments.toml"/);
  is((await use("local")).code, 0);
  const text = 'default = """\nlocal"""\n[[environments]]\nid = "a"\nurl = "ws://127.0.0.1:1"\n';
  const file = await folder.write("environments.toml", text);
  const refused = await use("a");
  is(refused.code, 2);
  match(refused.stderr, /Cannot change the default in ".*environments.toml", line 1: change it by hand/);
  is(Deno.readTextFileSync(file), text);
  match((await use("nothing")).stderr, /No environment "nothing" in ".*"; there are a, local/);
  match((await use("a", "b")).stderr, /"use" takes one name, not also "b"/);
});
