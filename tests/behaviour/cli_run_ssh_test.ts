/** `run --url ssh://`, by a real sshd on loopback. */
import { deepStrictEqual as same, match, ok, strictEqual as is } from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { sshMachine } from "../../src/transport/ssh_url.ts";
import { runCommand } from "../support/command.ts";
import { serverCommand } from "../support/server_process.ts";
import { hasSshd, Sshd } from "../support/sshd.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test({
  name:
    "a machine without exec-server gets one, once, where that is agreed to, and runs commands like this one",
  ignore: !hasSshd,
  async fn() {
    await using sshd = await Sshd.start();
    await using folder = new TempFolder();
    const env = { EXEC_SERVER_SSH: sshd.ssh };
    const run = (...args: string[]) => runCommand(["run", "--url", "ssh://machine", ...args], { env });
    const quoted = serverCommand().map((word) => `'${word}'`).join(" ");
    // What a runtime has compiled once is in the home of whoever runs these tests.
    const home = `HOME='${Deno.env.get("HOME") ?? "/"}'`;
    const binary = await folder.write("exec-server", `#!/bin/sh\n${home} exec ${quoted} "$@"\n`);
    const bin = join(sshd.home, ".local/bin");

    const refused = await run("--binary", binary, "--", "true");
    is(refused.code, 2);
    match(refused.stderr, /machine has no exec-server: give --yes to copy it there/);
    is(readdirSync(sshd.home).length, 0);

    const first = await run(
      "--yes",
      "--binary",
      binary,
      "--",
      "sh",
      "-c",
      'test -n "$SSH_CONNECTION" && exit 4',
    );
    same([first.code, first.stderr], [4, ""]);
    same(readdirSync(bin), ["exec-server"]);
    is(statSync(join(bin, "exec-server")).mode & 0o777, 0o755);
    same(Deno.readTextFileSync(join(bin, "exec-server")), Deno.readTextFileSync(binary));

    const bytes = crypto.getRandomValues(new Uint8Array(65_536));
    const url = `ssh://root@machine:${sshd.port}/`;
    const piped = await runCommand(["run", "--url", url, "--", "cat"], { env, stdin: bytes });
    same([piped.code, piped.stdout], [0, bytes]);

    const gone = await run("--yes", "--binary", join(folder.path, "none"), "--", "true");
    is(gone.code, 0, "nothing is copied where one is");
    Deno.removeSync(join(bin, "exec-server"));
    const unreadable = await run("--yes", "--binary", join(folder.path, "none"), "--", "true");
    is(unreadable.code, 2);
    match(unreadable.stderr, /Cannot read ".*none": No such file or directory/);
  },
});

Deno.test("a machine that is not there is told in ssh's own words, and what ends with the command is refused", async () => {
  await using folder = new TempFolder();
  const ssh = await folder.write(
    "ssh",
    '#!/bin/sh\necho "$@" > "${0%/*}/called"; echo "no route" >&2; exit 255\n',
  );
  Deno.chmodSync(ssh, 0o755);
  const env = { EXEC_SERVER_SSH: `${ssh} -v` };
  const failed = await runCommand(["run", "--url", "ssh://me@there:2222", "--", "true"], { env });
  is(failed.code, 125);
  match(failed.stderr, /exit code 255\); its stderr ends: no route/);
  ok(Deno.readTextFileSync(join(folder.path, "called")).startsWith("-v -T -p 2222 -- me@there sh -c "));
  const refusals: [string[], RegExp][] = [
    [
      ["run", "-d", "--url", "ssh://there", "--", "true"],
      /ssh:\/\/ starts a server that ends with the command/,
    ],
    [["ps", "--url", "ssh://there"], /ssh:\/\/ starts a server that ends with the command/],
    [["run", "--url", "ssh://-oProxyCommand=x", "--", "true"], /ssh:\/\/\[USER@\]HOST\[:PORT\] is expected/],
    [
      ["run", "--url", "ssh://there", "--token-file", ssh, "--", "true"],
      /--token-file is for a server that listens/,
    ],
  ];
  for (const [args, message] of refusals) {
    const { code, stderr } = await runCommand(args, { env });
    match(stderr, message);
    is(code, 2);
  }
});

Deno.test("the URL of a machine that SSH reaches names a user, a host and a port, and none of them is a flag", () => {
  same(sshMachine("ssh://build"), { destination: "build", port: undefined });
  same(sshMachine("ssh://me@build.example.com:22/"), { destination: "me@build.example.com", port: "22" });
  same(sshMachine("ssh://[::1]:22"), { destination: "::1", port: "22" });
  for (
    const text of [
      "ssh://",
      "ssh://-x",
      "ssh://-x@h",
      "ssh://a b",
      "ssh://h/path",
      "ssh://u:p@h",
      "ssh://h:x",
      "ssh:h",
      "ssh://h;x",
      "ssh://h\n",
    ]
  ) is(sshMachine(text), undefined, text);
});
